import { existsSync } from "node:fs";
import { extname } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import { RESULT_FORMATS } from "../../formats/media-types.ts";
import { withConnection } from "../connect.ts";
import type { CommandContext } from "../context.ts";
import { moreText, preview, previewRows } from "../preview.ts";
import { byteText, counted, grouped } from "../text-table.ts";
import { writeBodyToFile, writeBodyToTerminal } from "../write-body.ts";
import { formatName } from "./invoke.ts";

export interface TrainingSetOptions {
  readonly features: string;
  readonly labels?: string;
  readonly tz?: string;
  readonly maxAge?: string;
  readonly restated?: string;
  readonly split?: string;
  readonly folds?: string;
  readonly horizon?: string;
  readonly embargo?: string;
  readonly format?: string;
  readonly output?: string;
  readonly limit?: string;
}

const PREVIEW_ROWS = 20;

/** `quiver training-set <entities> --features <list>`. */
export async function trainingSetCommand(
  context: CommandContext,
  entities: string,
  options: TrainingSetOptions,
): Promise<void> {
  const file = { path: entities, mediaType: mediaTypeOf(entities) };
  const format = formatName(options, context.json);
  const rowsMax = previewRows(options.limit, PREVIEW_ROWS);
  const { terminal } = context;
  const { features, labels, tz: timezone, maxAge, restated, split, folds, horizon, embargo } = options;
  const shown = format === undefined ? { format: "arrow" } : { format, limit: options.limit };
  const query = { features, labels, timezone, maxAge, restated, split, folds, horizon, embargo, ...shown };
  // Access is `write` because the entity rows are written into the spool.
  return withConnection(context, "training-set", "write", async ({ send }) => {
    const response = await send("/training-set", { method: "POST", file, query });
    const told = describe(response);
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
    terminal.err(told);
  });
}

const MEDIA_TYPES: Readonly<Record<string, string>> = {
  ".csv": RESULT_FORMATS.csv.mediaType,
  ".parquet": RESULT_FORMATS.parquet.mediaType,
  ".arrow": RESULT_FORMATS["arrow.file"].mediaType,
  ".feather": RESULT_FORMATS["arrow.file"].mediaType,
  ".arrows": RESULT_FORMATS["arrow.stream"].mediaType,
};

function mediaTypeOf(path: string): string {
  const mediaType = MEDIA_TYPES[extname(path).toLowerCase()];
  if (mediaType === undefined) {
    const expected = Object.keys(MEDIA_TYPES);
    throw new QuiverError(
      "entities-invalid",
      `Cannot read the entity rows from ${JSON.stringify(path)}: expected a name that ends in ${expected.join(", ")}.`,
      { given: path, expected },
    );
  }
  if (existsSync(path)) return mediaType;
  throw new QuiverError(
    "entities-invalid",
    `Cannot read the entity rows from ${JSON.stringify(path)}: there is no such file.`,
    { given: path },
  );
}

/** Describes the answer: its versions and their matched rows, its splits, its warnings. */
function describe(response: Response): string {
  const facts: unknown = JSON.parse(decodeURIComponent(response.headers.get("Quiver-Training-Set") ?? "{}"));
  const { rowCount, sets, splits } = Object(facts) as Partial<Facts>;
  const lines = [
    ...(sets ?? []).map(
      ({ set, version, asOf, matchedRows }) =>
        `${set}@${version}: ${grouped(matchedRows)} of ${counted(rowCount ?? 0, "row")}${asOf === null ? "" : `, as of ${asOf}`}`,
    ),
    ...(splits ?? []).map(
      ({ column, rows }) =>
        `${column}: ${Object.entries(rows)
          .map(([part, count]) => `${part} ${grouped(count)}`)
          .join(", ")}`,
    ),
  ];
  const warnings = response.headers.get("Quiver-Warnings");
  if (warnings !== null) lines.push(`Warnings: ${decodeURIComponent(warnings)}`);
  return lines.map((line) => `${line}\n`).join("");
}

interface Facts {
  readonly rowCount: number;
  readonly sets: readonly {
    readonly set: string;
    readonly version: string;
    readonly asOf: string | null;
    readonly matchedRows: number;
  }[];
  readonly splits: readonly { readonly column: string; readonly rows: Readonly<Record<string, number>> }[];
}
