import type { CodedText } from "./body-text.ts";
import { bodyInvalid } from "./open-arrow-body.ts";
import { isoDate, isoInstant } from "./cell-text.ts";

export interface KeyOrder {
  /** The row for each place; null if every row is in its place already. */
  readonly rows: Int32Array | null;
  readonly firstRows: readonly number[];
}

/**
 * The order of rows by (symbol, ts). A duplicate key throws `arrow-body-invalid`. Rows are first distributed by
 * symbol, so only symbols whose times are out of order need sorting.
 */
export function orderKeys({ codes, labels }: CodedText, times: Int32Array | BigInt64Array): KeyOrder {
  const firstRows = new Int32Array(labels.length + 1);
  for (const code of codes) firstRows[code + 1]!++;
  for (let code = 0; code < labels.length; code++) firstRows[code + 1]! += firstRows[code]!;
  const next = firstRows.slice(0, -1);
  const rows = new Int32Array(codes.length);
  let isInPlace = true;
  for (let row = 0; row < codes.length; row++) {
    const place = next[codes[row]!]!++;
    rows[place] = row;
    if (place !== row) isInPlace = false;
  }
  for (let code = 0; code < labels.length; code++) {
    const own = rows.subarray(firstRows[code], firstRows[code + 1]);
    if (isAscending(own, times)) continue;
    own.sort((a, b) => (times[a]! < times[b]! ? -1 : times[a]! > times[b]! ? 1 : a - b));
    isInPlace = false;
    refuseDuplicates(own, times, labels[code]!);
  }
  return { rows: isInPlace ? null : rows, firstRows: [...firstRows] };
}

function isAscending(rows: Int32Array, times: Int32Array | BigInt64Array): boolean {
  for (let index = 1; index < rows.length; index++) {
    if (!(times[rows[index - 1]!]! < times[rows[index]!]!)) return false;
  }
  return true;
}

function refuseDuplicates(rows: Int32Array, times: Int32Array | BigInt64Array, symbol: string): void {
  for (let index = 1; index < rows.length; index++) {
    const [a, b] = [rows[index - 1]!, rows[index]!];
    const time = times[b]!;
    if (times[a] !== time) continue;
    const ts = typeof time === "bigint" ? isoInstant(time) : isoDate(time);
    throw bodyInvalid(
      `the key (${symbol}, ${ts}) stands in rows ${a} and ${b}. Every symbol may have one row per time`,
      { symbol, ts, rows: [a, b] },
    );
  }
}
