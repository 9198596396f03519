import { QuiverError } from "../../../shared/errors/index.ts";
import { z } from "zod";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { refusedOption } from "../refused-option.ts";
import { counted, grouped } from "../text-table.ts";

export interface RmCommandOptions {
  readonly yes?: boolean;
}

/** What the question mentions. */
const Dataset = z.object({ rowCount: z.number(), features: z.array(z.object({ name: z.string() })) });
const Feature = z.object({ versions: z.array(z.unknown()) });

/** `quiver rm <dataset>[/<feature>]`: asks before it removes. Without a terminal, it requires `--yes`. */
export async function rmCommand(
  { terminal, json, ...context }: CommandContext,
  what: string,
  { yes = false }: RmCommandOptions,
): Promise<void> {
  const { dataset, feature, path } = targetOf(what);
  if (!yes && terminal.ask === undefined) {
    throw new QuiverError(
      "not-confirmed",
      `Cannot remove ${what} without confirmation: there is no terminal to ask on. Add --yes.`,
      { what },
    );
  }
  await withConnection({ terminal, json, ...context }, "rm", "write", async ({ send }) => {
    const found: unknown = await (await send(path)).json();
    const question =
      feature === undefined
        ? datasetQuestion(dataset, Dataset.parse(found))
        : `Remove ${what}, ${versionsText(Feature.parse(found).versions.length)}?`;
    if (!yes && (await terminal.ask?.(`${question} [y/N] `)) !== true) {
      terminal.err("Nothing was removed.\n");
      return;
    }
    await send(path, { method: "DELETE" });
    terminal.out(json ? `${JSON.stringify({ removed: what })}\n` : `Removed ${what}\n`);
  });
}

function targetOf(what: string): { dataset: string; feature: string | undefined; path: string } {
  const [dataset = "", feature, ...rest] = what.split("/");
  if (dataset === "" || feature === "" || rest.length > 0) {
    throw refusedOption("what to remove", what, '"dataset" or "dataset/feature"');
  }
  const path = `/datasets/${encodeURIComponent(dataset)}`;
  return {
    dataset,
    feature,
    path: feature === undefined ? path : `${path}/features/${encodeURIComponent(feature)}`,
  };
}

function versionsText(count: number): string {
  return count === 1 ? "its one version" : `its ${grouped(count)} versions`;
}

function datasetQuestion(dataset: string, { rowCount, features }: z.output<typeof Dataset>): string {
  const names = features.map(({ name }) => name).join(", ");
  const with_ = names === "" ? "" : ` and its feature sets: ${names}`;
  return `Remove the dataset ${dataset}, its ${counted(rowCount, "row")}${with_}?`;
}
