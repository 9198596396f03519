import type { RecordBatch, Schema } from "apache-arrow";
import { refusedOption } from "./refused-option.ts";
import { textTable } from "./text-table.ts";

/** The first rows of an Arrow stream as a table. The rest of the stream is not read. */
export interface Preview {
  readonly text: string;
  readonly rowCount: number;
  /** Whether the stream has more rows. */
  readonly more: boolean;
}

/** How many rows to show: `--limit`, or a default. */
export function previewRows(limit: string | undefined, otherwise: number): number {
  if (limit === undefined) return otherwise;
  if (/^[1-9]\d{0,14}$/.test(limit)) return Number(limit);
  throw refusedOption("--limit", limit, "a whole number of rows, at least 1");
}

/** The line below a preview that leaves rows out. */
export function moreText(rowsMax: number): string {
  return `… the first ${rowsMax} rows; -o result.parquet or --format csv gives all of them\n`;
}

/** Reads up to `rowsMax` rows after the first `skip`. */
export async function preview(response: Response, rowsMax: number, skip = 0): Promise<Preview> {
  // Imported here: it would slow down the start of every other command.
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
    // Arrow's reader leaves its source open, and with it the file that the answer is read from.
    await body?.cancel();
  }
}

/** Turns a stream into an iterable: Arrow's reader does not know every runtime's streams. */
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

/** Turns times into ISO text; Arrow's reader gives milliseconds for both of Quiver's time types. */
function shownValue(value: unknown, type: string): unknown {
  if (value === null || value === undefined) return null;
  if (type.startsWith("Date")) return new Date(Number(value)).toISOString().slice(0, 10);
  if (type.startsWith("Timestamp")) return new Date(Number(value)).toISOString().replace(".000Z", "Z");
  return value;
}
