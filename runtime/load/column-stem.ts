import { createHash } from "node:crypto";
import type { ColumnRequest } from "../../shared/protocol/row-set.ts";

/**
 * Identifies what a column holds within a row set. `nullable` is no part of it: whether nulls are admitted is
 * asked of a loaded column, not loaded.
 */
export function columnId({ name, type, source }: Pick<ColumnRequest, "name" | "type" | "source">): string {
  if (source.kind === "own") return `${name} ${type}`;
  const match = source.kind === "matched" ? [source.match, source.broadcast, source.asOfMicros] : [];
  return `${name} ${type} ${source.kind} ${source.dataset} ${source.version} ${JSON.stringify(match)}`;
}

/** Start of the names of a column's files: readable, and different for different columns. */
export function columnStem(column: Pick<ColumnRequest, "name" | "type" | "source">): string {
  const hash = createHash("sha256").update(columnId(column)).digest("hex").slice(0, 8);
  const readable = column.name.replace(/[^a-zA-Z0-9_-]/g, "").slice(0, 40);
  return `${readable}.${column.type}.${hash}`;
}
