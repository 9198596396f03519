import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { RowSetIndex } from "../../../shared/protocol/row-set.ts";
import { INDEX_FILE } from "./file-names.ts";

/** Reads a row set's index, as the server wrote it. */

export function readRowSetIndex(dir: string): RowSetIndex {
  return JSON.parse(readFileSync(join(dir, INDEX_FILE), "utf8")) as RowSetIndex;
}
