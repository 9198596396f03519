import type { RecordBatch, Schema } from "apache-arrow";
import { refusedOption } from "./refused-option.ts";
import { textTable } from "./text-table.ts";

/** The first rows of an Arrow stream, for looking at; what follows is not read. */
export interface Preview {
  readonly text: string;
  readonly rowCount: number;
  /** Whether the stream went on. */
  readonly more: boolean;
}

/** How many rows to show: `--limit`, or so many. */
export function previewRows(limit: string | undefined, otherwise: number): number {
  if (limit === undefined) return otherwise;
  if (/^[1-9]\d{0,14}$/.test(limit)) return Number(limit);
  throw refusedOption("--limit", limit, "a whole number of rows, at least 1");
}

/** What stands below a preview that is not all there is. */
export function moreText(rowsMax: number): string {
  return `… the first ${rowsMax}; all of them with -o result.parquet or --format csv\n`;
}

/** Reads at most `rowsMax` rows after the first `skip`. */
export async function preview(response: Response, rowsMax: number, skip = 0): Promise<Preview> {
  // Loaded here and not above: it costs every other command its start.
  const { RecordBatchReader } = await import("apache-arrow");
  const body = response.body?.getReader();
  try {
    const reader = await RecordBatchReader.from(chunksOf(body));
    await reader.open();
    const { schema } = reader;
    const rows: unknown[][] = [];
    let more = false;
    let before = skip;
    for await (const batch of reader) {
      more = take(batch, schema, rows, rowsMax, Math.min(before, batch.numRows));
      before -= Math.min(before, batch.numRows);
      if (more) break;
    }
    const names = schema.fields.map((field) => field.name);
    return { text: textTable(names, rows), rowCount: rows.length, more };
  } finally {
    // Arrow's reader leaves its source open, and with it the file that the rest of the answer is read from.
    await body?.cancel();
  }
}

/** As an iterable: the reader does not know every runtime's streams. */
async function* chunksOf(body: BodyReader | undefined): AsyncGenerator<Uint8Array> {
  for (let next = await body?.read(); next?.value !== undefined; next = await body?.read()) yield next.value;
}

type BodyReader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read">;

function take(
  batch: RecordBatch,
  schema: Schema,
  rows: unknown[][],
  rowsMax: number,
  first: number,
): boolean {
  for (let index = first; index < batch.numRows; index++) {
    if (rows.length === rowsMax) return true;
    rows.push(
      schema.fields.map((field, column) =>
        shownValue(batch.getChildAt(column)?.get(index), String(field.type)),
      ),
    );
  }
  return false;
}

/** Times as ISO text; the reader gives milliseconds for both of Quiver's time types. */
function shownValue(value: unknown, type: string): unknown {
  if (value === null || value === undefined) return null;
  if (type.startsWith("Date")) return new Date(Number(value)).toISOString().slice(0, 10);
  if (type.startsWith("Timestamp")) return new Date(Number(value)).toISOString().replace(".000Z", "Z");
  return value;
}
