import { join } from "node:path";
import { COLUMN_BYTE_WIDTH } from "../../../shared/arrow/index.ts";
import { createChunkReader } from "../parquet/chunk-reader.ts";
import { converterFor } from "../parquet/convert-values.ts";
import { decodeColumn } from "../parquet/decode-column.ts";
import type { ColumnPlan } from "./column-plan.ts";
import { columnOf } from "./dataset-reader.ts";
import type { ScatteredColumn, StoredSelection } from "./scatter-columns.ts";
import { pause, PAUSE_EVERY_MS } from "./scan-keys-directly.ts";
import { scatter } from "./scatter.ts";

/** Whether a column can be read directly from the pages of all files. */
export function isDirectColumn({ version, files }: StoredSelection, { request }: ColumnPlan): boolean {
  if (request.type === "utf8") return false;
  const stored = columnOf(version.record, request.name);
  return files.every((file) => {
    const column = version.parquetOf(file).columns.find(({ name }) => name === request.name);
    return converterFor(column, stored.type, request.type) !== undefined;
  });
}

/**
 * Puts the values of columns at their positions, directly from the Parquet pages. `storedRows` lists the numbers of
 * the rows that have a position, ascending, over all files; null if every row has one.
 */
export async function scatterDirectly(
  { version, files, signal }: StoredSelection,
  plans: readonly ColumnPlan[],
  columns: readonly ScatteredColumn[],
  positions: Int32Array,
  storedRows: Int32Array | null,
): Promise<number> {
  const chunks = createChunkReader();
  let next = 0;
  let fileRow = 0;
  let pausedAt = performance.now();
  try {
    for (const file of files) {
      const metadata = version.parquetOf(file);
      const path = join(version.dir, file.path);
      const sources = plans.map(({ request }) => {
        const position = metadata.columns.findIndex(({ name }) => name === request.name);
        const stored = columnOf(version.record, request.name).type;
        return { position, convert: converterFor(metadata.columns[position], stored, request.type)! };
      });
      for (const group of metadata.rowGroups) {
        const groupRow = fileRow + group.firstRow;
        const from = next;
        if (storedRows === null) next += group.rowCount;
        else while (next < storedRows.length && storedRows[next]! < groupRow + group.rowCount) next++;
        if (from === next) continue;
        if (next > positions.length) return next;
        const places = placesOf(positions, storedRows, from, next, groupRow, group.rowCount);
        for (const [i, { position, convert }] of sources.entries()) {
          const chunk = group.chunks[position]!;
          const decoded = decodeColumn(chunks.read(path, chunk), metadata.columns[position]!, chunk);
          const { bytes, valid } = convert(decoded, 0, group.rowCount);
          const column = columns[i]!;
          scatter(
            bytes,
            { byteWidth: COLUMN_BYTE_WIDTH[plans[i]!.fileType], widen: false },
            places,
            column.values,
          );
          if (column.valid !== null) scatterValid(valid, places, column.valid);
        }
      }
      fileRow += file.rowCount;
      if (performance.now() - pausedAt < PAUSE_EVERY_MS) continue;
      await pause(signal);
      pausedAt = performance.now();
    }
  } finally {
    chunks.close();
  }
  return next;
}

/** The position of each row of a row group. */
function placesOf(
  positions: Int32Array,
  storedRows: Int32Array | null,
  from: number,
  end: number,
  groupRow: number,
  rowCount: number,
): Int32Array {
  if (storedRows === null) return positions.subarray(from, end);
  const places = new Int32Array(rowCount).fill(-1);
  for (let i = from; i < end; i++) places[storedRows[i]! - groupRow] = positions[i]!;
  return places;
}

function scatterValid(valid: Uint8Array | null, places: Int32Array, target: Uint8Array): void {
  for (let i = 0; i < places.length; i++)
    if (places[i]! >= 0) target[places[i]!] = valid === null ? 1 : valid[i]!;
}
