/**
 * Why a row is not among a dataset's bars. A row is counted under the first reason that applies, in this order. The
 * position of a reason here, from 1, is its number inside the engine.
 */
const REASONS = {
  "repeated-header": "the header line again, in the middle of the data",
  unparsable:
    "the wrong number of fields, a field that is not of its type, an infinite number, or bytes that are not UTF-8",
  "null-key": "no symbol",
  "null-time": "no event time, or no known time although the dataset has one",
  "non-positive-price": "an open, high, low or close of zero or less",
  "high-below-low": "the high is below the low",
  "open-close-outside-range": "the open or the close is above the high or below the low",
  "out-of-session": "outside the trading hours (only with strict)",
  "vwap-outside-range": "the vwap is above the high or below the low (only with strict)",
  "identical-repeat": "the same row again, with the same key; the first one is kept",
  "conflicting-repeat": "a different row with the same key follows in the same file; the last one is kept",
  superseded: "a later file has a different row with the same key, and no known time tells them apart",
} as const;

export type Reason = keyof typeof REASONS;

/** What is counted about kept rows. */
const WARNINGS = {
  "out-of-session": "outside the trading hours, or on a day without trading",
  "vwap-outside-range": "the vwap is above the high or below the low",
  "null-price": "an open, high, low or close is missing",
  "negative-volume": "the volume is below zero",
} as const;

export type Warning = keyof typeof WARNINGS;

/** All reasons in their order. */
export const REASON_NAMES: readonly Reason[] = Object.keys(REASONS).filter(isReason);

/** All warnings in their order. */
export const WARNING_NAMES: readonly Warning[] = Object.keys(WARNINGS).filter((name): name is Warning =>
  Object.hasOwn(WARNINGS, name),
);

/** The number of a reason in SQL, where 0 means none. */
export function reasonNumber(reason: Reason): number {
  return REASON_NAMES.indexOf(reason) + 1;
}

/** The reason with a number. */
export function reasonOf(number: number): Reason {
  const name = REASON_NAMES[number - 1];
  if (name === undefined) throw new Error(`no reason has the number ${number}`);
  return name;
}

function isReason(name: string): name is Reason {
  return Object.hasOwn(REASONS, name);
}
