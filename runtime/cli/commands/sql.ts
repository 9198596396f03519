import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { moreText, preview, previewRows } from "../preview.ts";
import { byteText } from "../text-table.ts";
import { writeBodyToFile, writeBodyToTerminal } from "../write-body.ts";
import { formatName } from "./invoke.ts";

export interface SqlCommandOptions {
  readonly format?: string;
  readonly output?: string;
  readonly limit?: string;
}

const PREVIEW_ROWS = 40;

/** `quiver sql "<query>"`. */
export async function sqlCommand(
  context: CommandContext,
  query: string,
  options: SqlCommandOptions,
): Promise<void> {
  const format = formatName(options, context.json);
  const rowsMax = previewRows(options.limit, PREVIEW_ROWS);
  const { terminal } = context;
  return withConnection(context, "sql", "read", async ({ send }) => {
    const response = await send("/sql", {
      method: "POST",
      text: query,
      query: format === undefined ? { format: "arrow" } : { format, limit: options.limit },
    });
    if (options.output !== undefined) {
      const byteLength = await writeBodyToFile(response, options.output);
      terminal.err(`${options.output}: ${byteText(byteLength)}\n`);
    } else if (format === undefined) {
      const { text, more } = await preview(response, rowsMax);
      terminal.out(text);
      if (more) terminal.err(moreText(rowsMax));
    } else {
      await writeBodyToTerminal(response, terminal);
    }
  });
}
