import { QuiverError } from "../../../shared/errors/index.ts";
import { RESULT_FORMATS } from "../../formats/media-types.ts";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { explainPlan } from "../explain-plan.ts";
import { orderJob, type OrderOptions, refuseWithAsync, refuseWithoutAsync } from "../order-job.ts";
import { moreText, preview, previewRows } from "../preview.ts";
import { recomputeHeaders, selectionBody, type SelectionOptions } from "../selection-options.ts";
import { byteText, counted } from "../text-table.ts";
import { formatOfFile, writeBodyToFile, writeBodyToTerminal } from "../write-body.ts";

export interface InvokeCommandOptions extends SelectionOptions, OrderOptions {
  readonly explain?: boolean;
  readonly format?: string;
  readonly output?: string;
  readonly limit?: string;
}

const PREVIEW_ROWS = 10;

const NO_ROWS =
  'No rows: --symbols, --from, --to and --as-of leave none. "quiver ls <dataset>" shows which times exist.\n';

/** `quiver invoke <function>`: shows the first rows as a table, or writes all rows in a format to a file or a pipe. */
export async function invokeCommand(
  context: CommandContext,
  name: string,
  options: InvokeCommandOptions,
): Promise<void> {
  const json = selectionBody(options);
  const path = `/functions/${encodeURIComponent(name)}`;
  const { terminal } = context;
  if (options.explain === true) {
    if (options.recompute === true) {
      throw new QuiverError(
        "request-malformed",
        "Cannot use --recompute with --explain: nothing is run. Leave one of them out.",
        { field: "--recompute" },
      );
    }
    return explainPlan(context, name, json);
  }
  if (options.async === true) {
    refuseWithAsync({ "--output": options.output, "--format": options.format, "--limit": options.limit });
    return orderJob(context, "invoke", name, json, options);
  }
  refuseWithoutAsync(options);
  const format = formatName(options, context.json);
  const rowsMax = previewRows(options.limit, PREVIEW_ROWS);
  return withConnection(context, "invoke", "write", async ({ send }) => {
    // No limit is sent: showing the first rows must not be refused because there are more.
    const query = format === undefined ? { format: "arrow" } : { format, limit: options.limit };
    const response = await send(path, { method: "POST", json, query, headers: recomputeHeaders(options) });
    const summary = `${counted(Number(response.headers.get("Quiver-Rows") ?? 0), "row")} · ${timingText(response)}`;
    if (options.output !== undefined) {
      const byteLength = await writeBodyToFile(response, options.output);
      terminal.err(`${options.output}: ${summary} · ${byteText(byteLength)}\n`);
    } else if (format === undefined) {
      const { text, more } = await preview(response, rowsMax);
      terminal.out(text);
      if (more) terminal.err(moreText(rowsMax));
      terminal.err(`${summary}\n`);
    } else {
      await writeBodyToTerminal(response, terminal);
    }
    if (response.headers.get("Quiver-Rows") === "0") terminal.err(NO_ROWS);
    printWarnings(context, response);
  });
}

/** The format that `--format`, the file's extension or `--json` asks for; undefined to show the first rows. */
export function formatName(
  { format, output }: { readonly format?: string; readonly output?: string },
  json: boolean,
): string | undefined {
  if (format !== undefined) return format;
  if (output === undefined) return json ? "json" : undefined;
  const found = formatOfFile(output);
  if (found !== undefined) return RESULT_FORMATS[found].names[0];
  const extensions = Object.values(RESULT_FORMATS).map(({ fileExtension }) => `.${fileExtension}`);
  throw new QuiverError(
    "request-malformed",
    `Cannot infer the format from ${JSON.stringify(output)}: expected a name that ends in ${extensions.join(", ")}, or --format.`,
    { field: "--output", given: output, expected: extensions },
  );
}

/** Renders the `Server-Timing` header as `resolve 1.2 ms, plan 0.4 ms`. */
export function timingText(response: Response): string {
  const entries = (response.headers.get("Server-Timing") ?? "").split(", ");
  return entries.map((entry) => entry.replace(";dur=", " ")).join(" ms, ") + " ms";
}

function printWarnings({ terminal }: CommandContext, response: Response): void {
  const warnings = response.headers.get("Quiver-Warnings");
  if (warnings !== null) terminal.err(`Warnings: ${decodeURIComponent(warnings)}\n`);
}
