import { z } from "zod";
import { defined } from "../../../shared/defined.ts";
import { sentenceInCommandWords } from "../command-words.ts";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { type SelectionOptions, selectionBody } from "../selection-options.ts";

export interface WhyCommandOptions extends Pick<
  SelectionOptions,
  "asOf" | "dataset" | "from" | "input" | "param" | "params" | "symbols" | "to"
> {
  readonly as?: string;
}

const Answer = z.object({
  dataset: z.string(),
  name: z.string(),
  current: z.object({ version: z.string(), publishedAt: z.string() }).nullable(),
  isCurrent: z.boolean(),
  changes: z.array(z.string()),
});

/** `quiver why <function>`: shows what has changed since the function was last published. */
export async function whyCommand(
  context: CommandContext,
  name: string,
  options: WhyCommandOptions,
): Promise<void> {
  await withConnection(context, "why", "write", async ({ send }) => {
    const { params, symbols, inputs, ...rest } = selectionBody(options);
    const query = {
      ...Object.fromEntries(Object.entries(rest).map(([key, value]) => [key, String(value)])),
      ...(params === undefined ? {} : { params: JSON.stringify(params) }),
      ...(inputs === undefined ? {} : { inputs: JSON.stringify(inputs) }),
      ...(Array.isArray(symbols) ? { symbols: symbols.join(",") } : {}),
      ...defined({ as: options.as }),
    };
    const response = await send(`/functions/${encodeURIComponent(name)}/why`, { query });
    const answer = Answer.parse(await response.json());
    context.terminal.out(context.json ? `${JSON.stringify(answer)}\n` : text(answer));
  });
}

function text({ dataset, name, current, isCurrent, changes }: z.output<typeof Answer>): string {
  const what = `${dataset}/${name}`;
  if (current === null)
    return `${what} has not been published yet: "quiver publish" creates its first version.\n`;
  const head = `${what} version ${current.version} was published at ${current.publishedAt}.\n`;
  if (isCurrent) return `${head}Nothing it was computed from has changed.\n`;
  return `${head}${changes.map((change) => `- ${sentenceInCommandWords(change)}\n`).join("")}`;
}
