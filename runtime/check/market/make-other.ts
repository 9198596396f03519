import { createRandom } from "../../random.ts";
import type { BarRow, BarTable, CellValue } from "./bar-table.ts";
import { tradingDays } from "./make-bars.ts";
import type { ColumnNeed, DatasetNeed } from "./market-needs.ts";

/** Makes up a dataset other than the bars, with values for every day, every fifth day, or per symbol only. */
export function makeOther(
  need: DatasetNeed,
  symbols: readonly string[],
  dayCount: number,
  seed: number,
): BarTable {
  const { kind, dense, columns } = need;
  const days = kind === "attributes" ? [""] : tradingDays(dayCount).filter((_, i) => dense || i % 5 === 0);
  const rows = [...new Set([...symbols, ...need.symbols])].toSorted().flatMap((symbol, index): BarRow[] => {
    const random = createRandom(seed + 104_729 * (index + 1));
    return days.map((ts) => ({
      symbol,
      ts,
      cells: columns.map((column) => valueOf(column, index, random.uniform())),
    }));
  });
  return { kind, columns: columns.map(({ name, type }) => ({ name, type })), rows };
}

/** Positive values, like prices, factors and counts. */
function valueOf({ type }: ColumnNeed, index: number, uniform: number): CellValue {
  switch (type) {
    case "float64":
    case "float32":
      return Math.round(1e4 * (0.8 + 0.4 * uniform)) / 1e4;
    case "bool":
      return uniform < 0.5 ? "true" : "false";
    case "utf8":
      return ["one", "two", "three"][index % 3]!;
    case "date32":
      return "2020-01-02";
    case "timestamp":
      return "2020-01-02T14:30:00Z";
    default:
      return Math.floor(100 * uniform);
  }
}
