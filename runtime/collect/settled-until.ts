import type { EventTime } from "../../shared/time/index.ts";
import { spacingOf } from "../store/bars-back.ts";
import type { DatasetColumn, SymbolIndex } from "../store/dataset.ts";

const MICROS_PER_DAY = 86_400_000_000;

/**
 * How many days the late rows of a version span: at least `least`, and at most `most` before some of them are
 * settled. Data vendors make their corrections within days. The spans of intraday bars are shorter, because those
 * are many, but include a weekend.
 */
const DAILY = { least: 7, most: 21 };
const INTRADAY = { least: 4, most: 8 };
const BARS_MIN = 5;

/**
 * The event time up to which a version's rows are settled. The next version computes later rows again, so a
 * restatement among them costs no more than an append. `before` is what the previous version chose; null if there
 * is none. Returns null if there are no times.
 */
export function settledUntil(
  index: SymbolIndex,
  columns: readonly DatasetColumn[],
  before: EventTime | null,
): EventTime | null {
  const latest = latestOf(index);
  if (latest === undefined) return null;
  const isDaily = columns.some(({ name, type }) => name === "ts" && type === "date32");
  const { least, most } = isDaily ? DAILY : INTRADAY;
  const day = isDaily ? 1 : MICROS_PER_DAY;
  const bars = BARS_MIN * spacingOf(index);
  if (before !== null && latest - before <= Math.max(most * day, 3 * bars)) return before;
  return Math.max(before ?? Number.NEGATIVE_INFINITY, Math.floor(latest - Math.max(least * day, bars)));
}

/** The time at which most of the active symbols end; a few symbols with future dates do not count. */
function latestOf({ lastTs }: SymbolIndex): EventTime | undefined {
  const sorted = lastTs.toSorted((a, b) => b - a);
  return sorted[Math.floor(sorted.length / 100)];
}
