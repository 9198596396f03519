import { createHash } from "node:crypto";
import type { RowSetKey } from "../../shared/protocol/row-set.ts";

/** The key as text. It is built on every call and therefore kept cheap. Symbols contain no control characters. */
export function rowSetId({ dataset, version, asOfMicros, order, symbols, recent }: RowSetKey): string {
  const scope = symbols === null ? "" : `\n${symbols.join("\n")}`;
  const late = recent === undefined ? "" : `\tsince ${recent.since}\n${recent.whole.join("\n")}`;
  return `${dataset} ${version} ${asOfMicros ?? ""} ${order}${scope}${late}`;
}

/** The name of a row set's directory: readable, and unique per key. */
export function rowSetDirName(key: RowSetKey): string {
  const hash = createHash("sha256").update(rowSetId(key)).digest("hex").slice(0, 16);
  return `${key.dataset.slice(0, 60)}.${key.order}.${hash}`;
}
