import { createHash } from "node:crypto";
import type { ColumnRequest } from "../../shared/protocol/row-set.ts";

/**
 * Identifies what a column holds within a row set. `nullable` is not part of it, because whether nulls are allowed is
 * checked on the loaded column.
 */
export function columnId({ name, type, source }: Pick<ColumnRequest, "name" | "type" | "source">): string {
  if (source.kind === "own") return `${name} ${type}`;
  const match = source.kind === "matched" ? [source.match, source.broadcast, source.asOfMicros] : [];
  return `${name} ${type} ${source.kind} ${source.dataset} ${source.version} ${JSON.stringify(match)}`;
}

/** The prefix of the names of a column's files: readable, and unique per column. */
export function columnStem(column: Pick<ColumnRequest, "name" | "type" | "source">): string {
  const hash = createHash("sha256").update(columnId(column)).digest("hex").slice(0, 8);
  const readable = column.name.replace(/[^a-zA-Z0-9_-]/g, "").slice(0, 40);
  return `${readable}.${column.type}.${hash}`;
}
