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

/** Prices before a date halved and volumes doubled, as a later split of two for one leaves them: ratios stay. */
export async function checkAdjustment(subject: Subject): Promise<Verdict> {
  const { entry, market, resolved } = subject;
  const { kind, shape, partition } = entry.description;
  if (kind === "label") return notApplicable("adjustment", "labels look ahead, across the split");
  if (shape === "table" && partition === "whole")
    return notApplicable("adjustment", "its rows have no time to compare by");
  const columns = invariantColumns(subject);
  if (columns.length === 0) return notApplicable("adjustment", "no output is a ratio, a count or a flag");
  const reads = resolved.inputs.some((input) => input.columns.some(({ name }) => splitPower(name) !== 0));
  if (!reads) return notApplicable("adjustment", "it reads nothing that a split changes");
  const { rows } = await runSubject(subject, { dataset: market.scaled });
  const split = microsOrDays(market.splitAt, market.isDaily);
  // A longer bar stamped before the split may hold bars after it.
  const margin = shape === "table" ? (market.isDaily ? 40 : 2 * 86_400e6) : 0;
  const difference = differenceFrom(subject, rows, {
    columns,
    tolerance: RATIO_TOLERANCE,
    within: (ts) => ts < split - margin,
  });
  if (difference === undefined)
    return passed(
      "adjustment",
      `half the prices and twice the volume before ${market.splitAt}: within ${RATIO_TOLERANCE}`,
    );
  const what = `with half the prices and twice the volume before ${market.splitAt} a value before that date is another; its unit is not what it is declared to be`;
  return failed("adjustment", what, difference);
}

function microsOrDays(text: string, isDaily: boolean): number {
  const parsed = isDaily ? Date.parse(`${text}T00:00:00Z`) / 86_400_000 : Date.parse(text) * 1000;
  if (Number.isFinite(parsed)) return parsed;
  throw new Error(`${text} is no time`);
}
