import { type ColumnArray, type ColumnFile, readColumnFile } from "../../shared/arrow/index.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { ColumnBinding, SymbolRuns } from "../../shared/protocol/child-message.ts";
import type { ColumnPart } from "../../shared/protocol/row-set.ts";
import type { ChildContext } from "./child-context.ts";

/** A column of mapped files, addressed by the rows of the row set. */
export interface MappedColumn {
  /**
   * Rows `firstRow` to `firstRow + rowCount`, which must lie in one part: a view, or a copy if handlers get copies.
   */
  slice(firstRow: number, rowCount: number): MappedSlice;
  /** The parts, for callers that read rows in arbitrary order. */
  readonly parts: readonly MappedPart[];
}

export interface MappedPart {
  readonly part: ColumnPart;
  readonly file: ColumnFile;
}

export interface MappedSlice {
  readonly values: ColumnArray;
  /** One byte per row, 1 for a value; absent if there are no nulls. */
  readonly valid?: Uint8Array;
}

/** The files mapped so far, by path, so that two columns never map one file twice. */
export interface MappedFiles {
  readonly byPath: Map<string, ColumnFile>;
  /** Whether handlers get copies, so that anything they write into their inputs is lost after the call. */
  readonly copies: boolean;
}

export function mapColumn(
  parts: readonly ColumnPart[],
  child: ChildContext,
  files: MappedFiles,
): MappedColumn {
  const mapped: MappedPart[] = parts.map((part) => ({ part, file: mapOnce(part.path, child, files) }));
  // Units ascend, so the part of the last slice is nearly always that of the next slice, or the one before it.
  let current = 0;
  return {
    parts: mapped,
    slice(firstRow, rowCount) {
      if (!holds(mapped[current]?.part, firstRow, rowCount)) {
        if (holds(mapped[current + 1]?.part, firstRow, rowCount)) current++;
        else current = mapped.findIndex(({ part }) => holds(part, firstRow, rowCount));
      }
      const entry = mapped[current];
      if (entry === undefined) {
        throw new Error(`No part holds rows ${firstRow} to ${firstRow + rowCount}: the plan is wrong`);
      }
      const start = (entry.part.fileRow ?? 0) + firstRow - entry.part.firstRow;
      const { data, validity } = entry.file;
      const values = files.copies
        ? data.slice(start, start + rowCount)
        : data.subarray(start, start + rowCount);
      return validity === undefined ? { values } : { values, valid: unpackBits(validity, start, rowCount) };
    },
  };
}

/** The rows of several symbols in sequence: a view if they are adjacent in one file, otherwise a copy. */
export function sliceRuns(column: MappedColumn, { firstRow, rowCount }: SymbolRuns): MappedSlice {
  const total = rowCount.reduce((sum, rows) => sum + rows, 0);
  const first = firstRow[0] ?? 0;
  const areTogether = firstRow.every((row, i) => i === 0 || row === firstRow[i - 1]! + rowCount[i - 1]!);
  if (areTogether && column.parts.some(({ part }) => holds(part, first, total))) {
    return column.slice(first, total);
  }
  let copy: ColumnArray | undefined;
  let valid: Uint8Array | undefined;
  let at = 0;
  firstRow.forEach((row, i) => {
    const slice = column.slice(row, rowCount[i]!);
    copy ??= emptyLike(slice.values, total);
    copyInto(copy, slice.values, at);
    if (slice.valid !== undefined) (valid ??= new Uint8Array(total).fill(1)).set(slice.valid, at);
    at += rowCount[i]!;
  });
  const values = copy ?? new Float64Array(0);
  return valid === undefined ? { values } : { values, valid };
}

function emptyLike(values: ColumnArray, length: number): ColumnArray {
  if (values instanceof BigInt64Array) return new BigInt64Array(length);
  if (values instanceof Float64Array) return new Float64Array(length);
  if (values instanceof Float32Array) return new Float32Array(length);
  return values instanceof Int32Array ? new Int32Array(length) : new Uint8Array(length);
}

function copyInto(target: ColumnArray, values: ColumnArray, at: number): void {
  if (target instanceof BigInt64Array) {
    if (values instanceof BigInt64Array) target.set(values, at);
  } else if (!(values instanceof BigInt64Array)) target.set(values, at);
}

/**
 * A slice in the form of the contract: plain arrays for floats, labels for text, and `valid` for nullable other types.
 */
export function viewOf(binding: ColumnBinding, { values, valid }: MappedSlice): unknown {
  if (binding.type === "utf8") return { codes: values, labels: binding.labels ?? [] };
  if (binding.type === "float64" || binding.type === "float32") return values;
  if (!binding.nullable) {
    if (valid?.includes(0) === true) throw hasNulls(binding);
    return values;
  }
  return { values, valid: valid ?? new Uint8Array(values.length).fill(1) };
}

/** For another function's result this is only known now; for a dataset's columns it was checked before. */
function hasNulls({ input, column, type }: ColumnBinding): QuiverError {
  return new QuiverError(
    "column-has-nulls",
    `Cannot pass the column ${JSON.stringify(column)} of the input ${JSON.stringify(input)} as ${type} without nulls: it contains ` +
      "nulls. Declare it with orNull().",
    { input, column, type },
  );
}

function holds(part: ColumnPart | undefined, firstRow: number, rowCount: number): boolean {
  return (
    part !== undefined && firstRow >= part.firstRow && firstRow + rowCount <= part.firstRow + part.rowCount
  );
}

function mapOnce(path: string, child: ChildContext, files: MappedFiles): ColumnFile {
  const known = files.byPath.get(path);
  if (known !== undefined) return known;
  const file = readColumnFile(child.mapFile(path), path);
  files.byPath.set(path, file);
  return file;
}

function unpackBits(bits: Uint8Array, start: number, rowCount: number): Uint8Array {
  const bytes = new Uint8Array(rowCount);
  for (let i = 0; i < rowCount; i++) {
    const bit = start + i;
    bytes[i] = (bits[bit >> 3]! >> (bit & 7)) & 1;
  }
  return bytes;
}
