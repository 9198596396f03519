import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { readColumnFile } from "../../../shared/arrow/index.ts";
import { bytesOf } from "./column-bytes.ts";
import { ORDER_FILE, STORED_ROWS_FILE } from "./file-names.ts";
import { openPart } from "./part-writer.ts";

/** Locates the rows of a row set in the files. */
export interface StoredOrder {
  /** The position of each stored row in the row set; -1 for one that is not in it. */
  readonly positions: Int32Array;
  /** The numbers of these rows over all files read, ascending; null if they are all the rows. */
  readonly storedRows: Int32Array | null;
}

export function writeOrder(dir: string, { positions, storedRows }: StoredOrder): void {
  if (storedRows !== null) writeNumbers(join(dir, STORED_ROWS_FILE), storedRows);
  writeNumbers(join(dir, ORDER_FILE), positions);
}

export function readOrder(dir: string): StoredOrder {
  const storedRows = join(dir, STORED_ROWS_FILE);
  return {
    positions: readNumbers(join(dir, ORDER_FILE)),
    storedRows: existsSync(storedRows) ? readNumbers(storedRows) : null,
  };
}

function writeNumbers(path: string, numbers: Int32Array): void {
  const writer = openPart(path, "order", "int32", { firstRow: 0, rowCount: numbers.length });
  try {
    writer.append(bytesOf(numbers));
    writer.finish();
  } finally {
    writer.discard();
  }
}

function readNumbers(path: string): Int32Array {
  const { data } = readColumnFile(readFileSync(path), path);
  if (data instanceof Int32Array) return data;
  throw new Error(`${path} holds no positions`);
}
