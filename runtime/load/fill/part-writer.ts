import { randomBytes } from "node:crypto";
import { closeSync, openSync, renameSync, rmSync, writeSync } from "node:fs";
import { columnFileLayout, type ColumnType } from "../../../shared/arrow/index.ts";
import type { ColumnPart } from "../../../shared/protocol/row-set.ts";
import type { RowRun } from "./cut-rows.ts";

/** A completed part. */
export interface WrittenPart {
  readonly part: ColumnPart;
  readonly byteLength: number;
  readonly nullCount: number;
}

/** Writes one column file under a temporary name; `finish` renames it to its final name. */
export interface PartWriter {
  /** Appends values in their stored form, in order. */
  append(values: Uint8Array): void;
  /** Appends validity, one byte per row, 1 for a value, in order; never called for a column without nulls. */
  appendValid(valid: Uint8Array): void;
  /** Marks the next rows as holding values. */
  skipValid(rowCount: number): void;
  finish(): WrittenPart;
  /** Removes what was written; does nothing after `finish`. */
  discard(): void;
}

/** Opens the file for `rows` of a column. Nothing is synced, because the spool is disposable. */
export function openPart(path: string, name: string, type: ColumnType, rows: RowRun): PartWriter {
  const temporary = `${path}.${randomBytes(4).toString("hex")}.tmp`;
  const { dataOffset, dataByteLength } = columnFileLayout({ name, type, rowCount: rows.rowCount });
  const fd = openSync(temporary, "w");
  let isOpen = true;
  let position = dataOffset;
  let valid: Uint8Array | undefined;
  let validCount = 0;

  function close(): void {
    if (isOpen) closeSync(fd);
    isOpen = false;
  }

  return {
    append(values) {
      writeAll(fd, values, position);
      position += values.length;
    },
    appendValid(bytes) {
      valid ??= new Uint8Array(rows.rowCount).fill(1);
      valid.set(bytes, validCount);
      validCount += bytes.length;
    },
    skipValid(rowCount) {
      validCount += rowCount;
    },
    finish() {
      if (position - dataOffset !== dataByteLength) {
        throw new RangeError(
          `Column ${name} got ${position - dataOffset} bytes for ${rows.rowCount} rows, expected ${dataByteLength}`,
        );
      }
      const nullCount = valid === undefined ? 0 : countZeros(valid);
      const layout = columnFileLayout({
        name,
        type,
        rowCount: rows.rowCount,
        ...(nullCount === 0 ? {} : { nullCount }),
      });
      writeAll(fd, layout.header, 0);
      if (valid !== undefined && nullCount > 0) writeAll(fd, packBits(valid), layout.validityOffset);
      writeAll(fd, layout.footer, layout.footerOffset);
      close();
      renameSync(temporary, path);
      return {
        part: { path, firstRow: rows.firstRow, rowCount: rows.rowCount },
        byteLength: layout.totalByteLength,
        nullCount,
      };
    },
    discard() {
      if (!isOpen) return;
      close();
      rmSync(temporary, { force: true });
    },
  };
}

function writeAll(fd: number, bytes: Uint8Array, position: number): void {
  let written = 0;
  while (written < bytes.length) {
    written += writeSync(fd, bytes, written, bytes.length - written, position + written);
  }
}

function countZeros(bytes: Uint8Array): number {
  let count = 0;
  for (const byte of bytes) if (byte === 0) count++;
  return count;
}

/** Packs bytes 0 and 1 into Arrow's bits, least significant first. */
function packBits(bytes: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(bytes.length / 8));
  for (let i = 0; i < bytes.length; i++) bits[i >> 3]! |= bytes[i]! << (i & 7);
  return bits;
}
