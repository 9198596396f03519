import { splitPower } from "../market/bar-table.ts";
import {
  differenceFrom,
  failed,
  invariantColumns,
  notApplicable,
  passed,
  RATIO_TOLERANCE,
  runSubject,
  type Subject,
} from "../subject.ts";
import type { Verdict } from "../verdict.ts";

/** Halves prices and doubles volumes before a date, as a two-for-one split does, and expects the same ratios. */
export async function checkAdjustment(subject: Subject): Promise<Verdict> {
  const { entry, market, resolved } = subject;
  const { kind, shape, partition } = entry.description;
  if (kind === "label") return notApplicable("adjustment", "labels look ahead, across the split");
  if (shape === "table" && partition === "whole")
    return notApplicable("adjustment", "its rows have no time to compare them by");
  const columns = invariantColumns(subject);
  if (columns.length === 0) return notApplicable("adjustment", "no output is a ratio, a count or a flag");
  const reads = resolved.inputs.some((input) => input.columns.some(({ name }) => splitPower(name) !== 0));
  if (!reads) return notApplicable("adjustment", "it reads nothing that a split changes");
  const { rows } = await runSubject(subject, { dataset: market.scaled });
  const before = shape === "table" ? wellBefore(market.splitAt) : market.splitAt;
  const difference = differenceFrom(subject, rows, {
    columns,
    tolerance: RATIO_TOLERANCE,
    within: (ts) => isBefore(rows.tsText(ts), before),
  });
  if (difference === undefined)
    return passed(
      "adjustment",
      `half the prices and twice the volume before ${market.splitAt}: within ${RATIO_TOLERANCE}`,
    );
  const what = `with half the prices and twice the volume before ${market.splitAt}, a value before that date changes; its declared unit is wrong`;
  return failed("adjustment", what, difference);
}

/** A date is before a time if it is before the date of that time. */
function isBefore(text: string, limit: string): boolean {
  return text < limit.slice(0, text.length);
}

/** A longer bar stamped before the split may contain bars after it, so the last month before the split is left out. */
function wellBefore(splitAt: string): string {
  const day = new Date(`${splitAt.slice(0, 10)}T00:00:00Z`);
  const days = splitAt.length > 10 ? 2 : 40;
  return new Date(day.getTime() - days * 86_400_000)
    .toISOString()
    .slice(0, splitAt.length)
    .replace(".000Z", "Z");
}
