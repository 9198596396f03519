import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { SendOptions } from "../connect.ts";
import type { CatalogueFacts } from "./catalogue-pages.ts";
import { DescribedFunction, MeasuredCosts } from "./described-function.ts";
import { docComment } from "./doc-comment.ts";

const Listed = z.object({ functions: z.array(z.object({ name: z.string() })) });

/** Reads the description of every function with its default parameters, and the comment in its file. */
export async function readCatalogue(
  send: (path: string, options?: SendOptions) => Promise<Response>,
  functionsDir: string,
  costFile: string,
): Promise<CatalogueFacts> {
  const { functions } = Listed.parse(await (await send("/functions")).json());
  const facts = [];
  for (const { name } of functions) {
    const described = DescribedFunction.parse(
      await (await send(`/functions/${encodeURIComponent(name)}`)).json(),
    );
    const comment = docComment(textOrEmpty(join(functionsDir, described.file)));
    const hasMore = existsSync(join(functionsDir, name, "README.md"));
    facts.push({ described, comment, more: hasMore ? `functions/${name}/README.md` : undefined });
  }
  const costs = textOrEmpty(costFile);
  return { functions: facts, costs: costs === "" ? undefined : MeasuredCosts.parse(JSON.parse(costs)) };
}

/** The text of a file; empty if it cannot be read, because a page is useful without it. */
function textOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    // A server may serve another folder of functions, and not every folder has measured costs.
    return "";
  }
}
