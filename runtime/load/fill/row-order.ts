/** Stored rows in file order, in parallel arrays. */
export interface StoredRows {
  readonly rowCount: number;
  /** Symbol code; -1 if the row is not wanted. */
  readonly codes: Int32Array;
  /** Event time in the unit of `ts`. */
  readonly ts: Int32Array | Float64Array;
  /** Known time in microseconds; only for a bitemporal dataset. */
  readonly knownAt: Float64Array | null;
}

/** The positions of stored rows in a row set. */
export interface RowOrder {
  /** For each stored row its row in the row set; -1 if it is not in it. */
  readonly positions: Int32Array;
  /** Has one element more than there are symbols. */
  readonly firstRows: Int32Array;
}

/**
 * Brings stored rows into (symbol, event time) order. Of several observations of a key it keeps the one known last,
 * and among those the one stored last. It sorts by symbol with a counting sort, which keeps each symbol's rows in file
 * order; these usually ascend in time already, and only those that do not are sorted.
 */
export function orderRows({ rowCount, codes, ts, knownAt }: StoredRows, symbolCount: number): RowOrder {
  const starts = new Int32Array(symbolCount + 1);
  for (let row = 0; row < rowCount; row++) if (codes[row]! >= 0) starts[codes[row]! + 1]!++;
  for (let code = 0; code < symbolCount; code++) starts[code + 1]! += starts[code]!;
  const rows = new Int32Array(starts[symbolCount]!);
  const next = starts.slice();
  for (let row = 0; row < rowCount; row++) if (codes[row]! >= 0) rows[next[codes[row]!]!++] = row;

  const positions = new Int32Array(rowCount).fill(-1);
  const firstRows = new Int32Array(symbolCount + 1);
  let position = 0;
  for (let code = 0; code < symbolCount; code++) {
    const own = rows.subarray(starts[code], starts[code + 1]);
    if (!ascends(own, ts, knownAt)) own.sort(compareRows(ts, knownAt));
    for (let i = 0; i < own.length; i++) {
      const isLast = i + 1 === own.length || ts[own[i + 1]!] !== ts[own[i]!];
      if (isLast) positions[own[i]!] = position++;
    }
    firstRows[code + 1] = position;
  }
  return { positions, firstRows };
}

function ascends(rows: Int32Array, ts: Int32Array | Float64Array, knownAt: Float64Array | null): boolean {
  for (let i = 1; i < rows.length; i++) {
    const before = ts[rows[i - 1]!]!;
    const after = ts[rows[i]!]!;
    if (before > after) return false;
    if (before === after && knownAt !== null && knownAt[rows[i - 1]!]! > knownAt[rows[i]!]!) return false;
  }
  return true;
}

function compareRows(ts: Int32Array | Float64Array, knownAt: Float64Array | null) {
  return (a: number, b: number) =>
    ts[a]! - ts[b]! || (knownAt === null ? 0 : knownAt[a]! - knownAt[b]!) || a - b;
}
