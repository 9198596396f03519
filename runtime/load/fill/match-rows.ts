import { lowerBound } from "./time-order.ts";

/** Consecutive rows of one symbol. */
export interface Span {
  readonly from: number;
  readonly end: number;
}

type Moments = Int32Array | Float64Array;

/**
 * `result[i]` for the rows of one span: the row with the same moment, else -1. `others` must ascend within its span.
 */
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
 * The row that was current at this row's moment: among all rows known by then, the latest known version of the latest
 * event time. `others` are known times, ascending within the span; `otherTs` are event times.
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
  // Among rows that became known at the same moment, the last one reflects all of them.
  advance(rows, span, others, otherSpan, (row, other) => {
    let last = other;
    while (last < otherSpan.end && others[last] === rows[row]) last++;
    result[row] = last > otherSpan.from ? latest[last - 1 - otherSpan.from]! : -1;
  });
}

/** Calls back with the first row of `others` whose moment is not before each row's, or with the end of their span. */
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
      // Known times of a bitemporal dataset need not ascend with event times.
      other = otherSpan.from + lowerBound(others.subarray(otherSpan.from, otherSpan.end), moment);
    } else {
      while (other < otherSpan.end && others[other]! < moment) other++;
    }
    reached = moment;
    found(row, other);
  }
}
