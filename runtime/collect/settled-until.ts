import type { EventTime } from "../../shared/time/index.ts";
import { spacingOf } from "../store/bars-back.ts";
import type { DatasetColumn, SymbolIndex } from "../store/dataset.ts";

const MICROS_PER_DAY = 86_400_000_000;

/**
 * How far back the latest rows of a version reach at least, and at most before some of them are settled, in days. What
 * data vendors correct, they correct within days. Bars within the day are many: weekends must fit in.
 */
const DAILY = { least: 7, most: 21 };
const INTRADAY = { least: 4, most: 8 };
const BARS_MIN = 5;

/**
 * The event time up to which a version's rows are settled: those after it are computed again by the next version, so that
 * a restatement there costs what an append does. `before` is what the version before chose; null when there is none, and
 * as an answer where there are no times.
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

/** When most of the symbols that are still alive end; a few with dates of the future do not count. */
function latestOf({ lastTs }: SymbolIndex): EventTime | undefined {
  const sorted = lastTs.toSorted((a, b) => b - a);
  return sorted[Math.floor(sorted.length / 100)];
}
