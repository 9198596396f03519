import { join } from "node:path";
import { compareCodePoints } from "../store/compare-code-points.ts";
import type { DatasetFile } from "../store/dataset.ts";
import type { DatasetChange, SymbolTimes } from "../store/dataset-changes.ts";
import { query, toNumber, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { quoteName, quoteTexts } from "../../shared/sql-text.ts";
import type { WrittenFile } from "./write-bars.ts";

export type ImportedChanges = Pick<DatasetChange, "added" | "changed">;

/**
 * Finds, for each symbol, the first event time with new rows and, for each column, the first with different values. In a
 * bitemporal dataset the latest observations are compared: one with unchanged values changes only the known time.
 */
export async function findChanges(
  context: ImportContext,
  plan: ImportPlan,
  added: readonly WrittenFile[],
  stored: { readonly dir: string; readonly files: readonly DatasetFile[] },
): Promise<ImportedChanges> {
  if (added.length === 0 || plan.kind === "attributes") return { added: timesOf([]), changed: {} };
  if (stored.files.length === 0) {
    const runs = added.flatMap((file) => file.runs);
    return { added: timesOf(runs.map(({ symbol, firstTs }) => [symbol, firstTs])), changed: {} };
  }
  const columns = [...(plan.bitemporal ? ["known_at"] : []), ...plan.values.map(({ name }) => name)];
  const latest = (from: string) =>
    plan.bitemporal
      ? `(SELECT * FROM ${from} QUALIFY row_number() OVER (PARTITION BY symbol, ts ORDER BY known_at DESC) = 1)`
      : from;
  const now = `read_parquet(${quoteTexts(added.map((file) => file.stagedPath))})`;
  const before = quoteTexts(stored.files.map((file) => join(stored.dir, file.path)));
  const rivals = `(SELECT s.* FROM read_parquet(${before}) AS s SEMI JOIN (SELECT symbol, ts FROM ${now}) AS k USING (symbol, ts))`;
  const unit = (sql: string) =>
    plan.daily ? `CAST(${sql} - DATE '1970-01-01' AS INTEGER)` : `epoch_us(${sql})`;
  // An observation that is older than the stored one is never the latest.
  const isSeen = plan.bitemporal ? "n.known_at >= o.known_at AND " : "";
  const firsts = columns.map((name) =>
    unit(
      `min(n.ts) FILTER (o.symbol IS NOT NULL AND ${isSeen}n.${quoteName(name)} IS DISTINCT FROM o.${quoteName(name)})`,
    ),
  );
  const rows = await query(
    context,
    `SELECT n.symbol, ${[unit("min(n.ts) FILTER (o.symbol IS NULL)"), ...firsts].join(", ")}
     FROM ${latest(now)} n LEFT JOIN ${latest(rivals)} o ON n.symbol = o.symbol AND n.ts = o.ts GROUP BY n.symbol`,
  );
  const column = (at: number) => timesOf(rows.map((row) => [String(row[0]), toNumber(row[at])]));
  return {
    added: column(1),
    changed: Object.fromEntries(columns.map((name, i) => [name, column(i + 2)])),
  };
}

/** The earliest time of each symbol that has one, sorted by symbol. */
function timesOf(times: readonly (readonly [symbol: string, time: number | null])[]): SymbolTimes {
  const first = new Map<string, number>();
  for (const [symbol, time] of times) {
    if (time !== null) first.set(symbol, Math.min(time, first.get(symbol) ?? time));
  }
  const symbols = [...first.keys()].toSorted(compareCodePoints);
  return { symbols, firstTs: symbols.map((symbol) => first.get(symbol)!) };
}
