import type { ColumnArray, ColumnType } from "../../../shared/arrow/index.ts";
import { bytesOf } from "./column-bytes.ts";
import type { RowRun } from "./cut-rows.ts";
import { openPart, type WrittenPart } from "./part-writer.ts";

/** Where to write a complete column that is in memory. */
export interface ColumnTarget {
  readonly name: string;
  readonly fileType: Exclude<ColumnType, "utf8">;
  readonly runs: readonly RowRun[];
  pathOf(part: number): string;
}

/** Writes a column from memory, part by part. `valid` has one byte per row. */
export function* writeColumn(
  target: ColumnTarget,
  values: ColumnArray,
  valid: Uint8Array | null = null,
): Generator<WrittenPart> {
  for (const [number, rows] of target.runs.entries()) {
    const end = rows.firstRow + rows.rowCount;
    const writer = openPart(target.pathOf(number), target.name, target.fileType, rows);
    try {
      writer.append(bytesOf(values.subarray(rows.firstRow, end)));
      if (valid !== null) writer.appendValid(valid.subarray(rows.firstRow, end));
      yield writer.finish();
    } finally {
      writer.discard();
    }
  }
}
