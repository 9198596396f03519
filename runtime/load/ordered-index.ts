import type { RowSetIndex } from "../../shared/protocol/row-set.ts";
import type { DatasetRecord, SymbolIndex } from "../store/dataset.ts";

/**
 * The index of a symbol-time row set of an ordered dataset, derived from the dataset's own index without reading rows.
 * `symbols` narrows it; symbols unknown to the dataset are left out.
 */
export function orderedIndex(
  record: DatasetRecord,
  index: SymbolIndex,
  symbols: readonly string[] | null,
): RowSetIndex {
  const tsType = record.columns.find(({ name }) => name === "ts")?.type === "date32" ? "date32" : "timestamp";
  const base = { order: "symbol-time", tsType, unitTimes: [] } as const;
  if (symbols === null) {
    const firstRows = [...(index.firstRows ?? []), record.rowCount];
    return { ...base, rowCount: record.rowCount, symbols: index.symbols, firstRows };
  }
  const codes = symbols.length === 1 ? undefined : new Map(index.symbols.map((symbol, i) => [symbol, i]));
  const known: string[] = [];
  const firstRows = [0];
  for (const symbol of symbols) {
    const code = codes === undefined ? index.symbols.indexOf(symbol) : (codes.get(symbol) ?? -1);
    if (code < 0) continue;
    known.push(symbol);
    firstRows.push(firstRows.at(-1)! + index.rowCounts[code]!);
  }
  return { ...base, rowCount: firstRows.at(-1)!, symbols: known, firstRows };
}
