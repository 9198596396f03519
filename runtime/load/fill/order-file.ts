import { readFileSync } from "node:fs";
import { join } from "node:path";
import { readColumnFile } from "../../../shared/arrow/index.ts";
import { bytesOf } from "./column-bytes.ts";
import { ORDER_FILE } from "./file-names.ts";
import { openPart } from "./part-writer.ts";

export function writeOrder(dir: string, storedCount: number, positions: Int32Array): void {
  const writer = openPart(join(dir, ORDER_FILE), "order", "int32", { firstRow: 0, rowCount: storedCount });
  try {
    writer.append(bytesOf(positions.subarray(0, storedCount)));
    writer.finish();
  } finally {
    writer.discard();
  }
}

export function readOrder(dir: string): Int32Array {
  const path = join(dir, ORDER_FILE);
  const { data } = readColumnFile(readFileSync(path), path);
  if (data instanceof Int32Array) return data;
  throw new Error(`${path} holds no positions`);
}
