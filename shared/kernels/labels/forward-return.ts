import { requirePeriod, requireSameLength } from "../arguments.ts";

/** When a trade is entered and left, relative to the bar of the decision. */
export interface ForwardReturnOptions {
  /** Bars from the decision to the entry, at least 1, because nobody can trade on a bar that is still forming. */
  readonly entryLag: number;
  /** Bars from the decision to the exit, at least `entryLag`. */
  readonly exitLag: number;
}

/**
 * Return of a future trade: `exit[t + exitLag] / entry[t + entryLag] - 1`. It looks ahead: a label, never a feature.
 *
 * Null for the last `exitLag` bars, where either price is null, and where the entry is zero. Source: the usual
 * definition.
 */
export function forwardReturn(
  entry: Float64Array,
  exit: Float64Array,
  { entryLag, exitLag }: ForwardReturnOptions,
  out: Float64Array,
): void {
  requirePeriod("forwardReturn", "entryLag", entryLag);
  requirePeriod("forwardReturn", "exitLag", exitLag, entryLag);
  requireSameLength("forwardReturn", { exit, out }, entry.length);
  const end = Math.max(entry.length - exitLag, 0);
  for (let t = 0; t < end; t++) {
    const paid = entry[t + entryLag]!;
    out[t] = paid === 0 ? NaN : exit[t + exitLag]! / paid - 1;
  }
  out.fill(NaN, end);
}
