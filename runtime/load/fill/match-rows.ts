import { lowerBound } from "./time-order.ts";

/** Consecutive rows of one symbol. */
export interface Span {
  readonly from: number;
  readonly end: number;
}

type Moments = Int32Array | Float64Array;

/** `result[i]` for rows of one span: the row with the same moment, else -1. `others` ascends within its span. */
export function matchExact(
  rows: Moments,
  span: Span,
  others: Moments,
  otherSpan: Span,
  result: Int32Array,
): void {
  advance(rows, span, others, otherSpan, (row, other) => {
    result[row] = other < otherSpan.end && others[other] === rows[row] ? other : -1;
  });
}

/** The first row whose moment is not before this one's, else -1. */
export function matchFollowing(
  rows: Moments,
  span: Span,
  others: Moments,
  otherSpan: Span,
  result: Int32Array,
): void {
  advance(rows, span, others, otherSpan, (row, other) => {
    result[row] = other < otherSpan.end ? other : -1;
  });
}

/**
 * The row that stood for the present at this row's moment: of all rows known by then the one with the latest event
 * time, in the version known last. `others` are known times, ascending within the span; `otherTs` event times.
 */
export function matchKnown(
  rows: Moments,
  span: Span,
  others: Moments,
  otherSpan: Span,
  otherTs: Moments,
  result: Int32Array,
): void {
  const latest = new Int32Array(otherSpan.end - otherSpan.from);
  let best = otherSpan.from;
  for (let other = otherSpan.from; other < otherSpan.end; other++) {
    if (otherTs[other]! >= otherTs[best]!) best = other;
    latest[other - otherSpan.from] = best;
  }
  // Of rows known at the same moment the last one holds what all of them together say.
  advance(rows, span, others, otherSpan, (row, other) => {
    let last = other;
    while (last < otherSpan.end && others[last] === rows[row]) last++;
    result[row] = last > otherSpan.from ? latest[last - 1 - otherSpan.from]! : -1;
  });
}

/** Calls back with the first row of `others` whose moment is not before each row's, or the end of their span. */
function advance(
  rows: Moments,
  span: Span,
  others: Moments,
  otherSpan: Span,
  found: (row: number, other: number) => void,
): void {
  let other = otherSpan.from;
  let reached = Number.NEGATIVE_INFINITY;
  for (let row = span.from; row < span.end; row++) {
    const moment = rows[row]!;
    if (moment < reached) {
      // Known times of a bitemporal dataset need not ascend with its event times.
      other = otherSpan.from + lowerBound(others.subarray(otherSpan.from, otherSpan.end), moment);
    } else {
      while (other < otherSpan.end && others[other]! < moment) other++;
    }
    reached = moment;
    found(row, other);
  }
}
