import { compareCodePoints } from "./compare-code-points.ts";
import type { DatasetLayout } from "../../shared/protocol/dataset-kind.ts";
import type { DatasetFile, SymbolIndex } from "./dataset.ts";

/** The rows of one symbol in one file. */
export interface SymbolRun {
  readonly symbol: string;
  readonly rowCount: number;
  /** In the unit of `ts`; null for attributes. */
  readonly firstTs: number | null;
  readonly lastTs: number | null;
}

/** Builds one index from runs of symbols, given file by file in the dataset's order. */
export function buildSymbolIndex(runs: Iterable<SymbolRun>, layout: DatasetLayout): SymbolIndex {
  const bySymbol = new Map<string, { rowCount: number; firstTs: number | null; lastTs: number | null }>();
  for (const { symbol, rowCount, firstTs, lastTs } of runs) {
    const entry = bySymbol.get(symbol);
    if (entry === undefined) {
      bySymbol.set(symbol, { rowCount, firstTs, lastTs });
      continue;
    }
    entry.rowCount += rowCount;
    if (firstTs !== null && (entry.firstTs === null || firstTs < entry.firstTs)) entry.firstTs = firstTs;
    if (lastTs !== null && (entry.lastTs === null || lastTs > entry.lastTs)) entry.lastTs = lastTs;
  }
  const entries = [...bySymbol].toSorted(([a], [b]) => compareCodePoints(a, b));
  const rowCounts = entries.map(([, entry]) => entry.rowCount);
  let next = 0;
  return {
    formatVersion: 1,
    symbols: entries.map(([symbol]) => symbol),
    rowCounts,
    firstTs: entries.flatMap(([, entry]) => (entry.firstTs === null ? [] : [entry.firstTs])),
    lastTs: entries.flatMap(([, entry]) => (entry.lastTs === null ? [] : [entry.lastTs])),
    firstRows: layout === "overlapping" ? null : rowCounts.map((count) => (next += count) - count),
  };
}

/** The runs of an existing index, to be carried over when files are added. */
export function* runsOfIndex(index: SymbolIndex): Generator<SymbolRun> {
  for (const [at, symbol] of index.symbols.entries()) {
    yield {
      symbol,
      rowCount: index.rowCounts[at]!,
      firstTs: index.firstTs[at] ?? null,
      lastTs: index.lastTs[at] ?? null,
    };
  }
}

/** Sorts files by symbol and time: the order in which rows of an `ordered` layout are counted. */
export function orderFiles(files: readonly DatasetFile[]): DatasetFile[] {
  return files.toSorted(
    (a, b) =>
      compareCodePoints(a.firstSymbol, b.firstSymbol) ||
      (a.firstTs ?? 0) - (b.firstTs ?? 0) ||
      compareCodePoints(a.path, b.path),
  );
}

/** Whether the concatenation of sorted files ascends strictly by (`symbol`, `ts`). */
export function layoutOf(files: readonly DatasetFile[], isBitemporal: boolean): DatasetLayout {
  if (isBitemporal) return "overlapping";
  for (let at = 1; at < files.length; at++) {
    const before = files[at - 1]!;
    const after = files[at]!;
    const order = compareCodePoints(before.lastSymbol, after.firstSymbol);
    // Two files of the same symbol may follow one another in time.
    const single = before.firstSymbol === before.lastSymbol && after.firstSymbol === after.lastSymbol;
    const follows =
      single && before.lastTs !== null && after.firstTs !== null && before.lastTs < after.firstTs;
    if (order > 0 || (order === 0 && !follows)) return "overlapping";
  }
  return "ordered";
}
