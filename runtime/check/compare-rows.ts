import type { ResultColumn, ResultRows, SymbolRange } from "./result-rows.ts";

/** The first place where two results differ. */
export interface Offence {
  readonly symbol: string;
  /** The event time of the row. */
  readonly ts: string;
  readonly column: string;
  readonly expected: string;
  readonly got: string;
}

export interface CompareOptions {
  /** The columns to compare; all if absent. */
  readonly columns?: readonly string[];
  /** Relative tolerance; if absent, the bits must be equal. */
  readonly tolerance?: number;
  /** Which rows to compare, by their time; all if absent. */
  readonly within?: (ts: number) => boolean;
  /** Whether `got` may lack rows of `expected`. */
  readonly onlyCommon?: boolean;
}

/** How many places differ, and the first of them by symbol, row and column. */
export interface Difference {
  readonly count: number;
  readonly first: Offence;
  /** The largest distance between two differing numbers, in units in the last place. */
  readonly ulps: number;
}

/** Compares `got` with `expected` on the symbols that `got` has; undefined when they agree. */
export function compareRows(
  expected: ResultRows,
  got: ResultRows,
  { columns, tolerance, within = () => true, onlyCommon = false }: CompareOptions = {},
): Difference | undefined {
  const names = [...expected.columns.keys()].filter((name) => columns?.includes(name) ?? true);
  const pairs = names.map((name) => ({ name, a: expected.columns.get(name)!, b: got.columns.get(name)! }));
  let count = 0;
  let first: Offence | undefined;
  let ulps = 0;
  const note = (offence: () => Offence) => {
    count++;
    first ??= offence();
  };
  for (const range of got.symbols) {
    const other = expected.symbols.find(({ symbol }) => symbol === range.symbol);
    const text = (ts: number) => ({ symbol: range.symbol, ts: expected.tsText(ts) });
    if (other === undefined) {
      note(() => ({ ...text(got.ts[range.first]!), column: "ts", expected: "no row", got: "a row" }));
      continue;
    }
    const scales = pairs.map(({ a }) => (tolerance === undefined ? 0 : scaleOf(a, other)));
    let i = other.first;
    let j = range.first;
    while (i < other.end || j < range.end) {
      const [tsA, tsB] = [i < other.end ? expected.ts[i]! : Infinity, j < range.end ? got.ts[j]! : Infinity];
      if (tsA !== tsB) {
        if (tsA < tsB) {
          if (within(tsA) && !onlyCommon)
            note(() => ({ ...text(tsA), column: "ts", expected: "a row", got: "no row" }));
          i++;
        } else {
          if (within(tsB)) note(() => ({ ...text(tsB), column: "ts", expected: "no row", got: "a row" }));
          j++;
        }
        continue;
      }
      if (within(tsA)) {
        for (const [k, { name, a, b }] of pairs.entries()) {
          if (agree(a, i, b, j, tolerance, scales[k]!)) continue;
          ulps = Math.max(ulps, ulpsBetween(a, i, b, j));
          const [x, y] = [cellText(a, i), cellText(b, j)];
          note(() => ({ ...text(tsA), column: name, expected: x, got: y }));
        }
      }
      i++;
      j++;
    }
  }
  return first === undefined ? undefined : { count, first, ulps };
}

/** A cell as a verdict shows it, with all digits. */
export function cellText({ values, valid }: ResultColumn, row: number): string {
  return valid[row] === 0 ? "null" : Object.is(values[row], -0) ? "-0" : String(values[row]);
}

function agree(
  a: ResultColumn,
  i: number,
  b: ResultColumn,
  j: number,
  tolerance: number | undefined,
  scale: number,
): boolean {
  if (a.valid[i] !== b.valid[j]) return false;
  if (a.valid[i] === 0) return true;
  const [x, y] = [a.values[i]!, b.values[j]!];
  if (Object.is(x, y)) return true;
  if (tolerance === undefined || typeof x !== "number" || typeof y !== "number") return false;
  return Math.abs(x - y) <= tolerance * Math.max(Math.abs(x), Math.abs(y), scale);
}

/** The root mean square of a symbol's values: the scale for differences near zero. */
function scaleOf({ values, valid }: ResultColumn, { first, end }: SymbolRange): number {
  let sum = 0;
  let count = 0;
  for (let row = first; row < end; row++) {
    const value = values[row];
    if (valid[row] === 0 || typeof value !== "number") continue;
    sum += value * value;
    count++;
  }
  return count === 0 ? 0 : Math.sqrt(sum / count);
}

/** The distance in units in the last place; Infinity if either value is not a number. */
function ulpsBetween(a: ResultColumn, i: number, b: ResultColumn, j: number): number {
  const [x, y] = [a.values[i], b.values[j]];
  if (a.valid[i] !== b.valid[j] || typeof x !== "number" || typeof y !== "number") return Infinity;
  const bits = new BigInt64Array(new Float64Array([x, y]).buffer);
  // Reverses the order of the bits of negative numbers, so that it follows their values.
  const [p, q] = Array.from(bits, (value) => (value < 0n ? -(value & 0x7fffffffffffffffn) : value));
  return Math.abs(Number(p! - q!));
}
