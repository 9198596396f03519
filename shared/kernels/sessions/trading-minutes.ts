import { localMicros, MICROS_PER_DAY, MICROS_PER_MINUTE } from "./local-time.ts";
import type { SessionClock } from "./session-buckets.ts";
import { sessionIntervals, type TradingHours } from "./session-intervals.ts";

/**
 * Trading minutes from the day's open to each event time, and from there to the day's close. Breaks do not count: in
 * Shanghai 11:30 and 13:00 are both 120 minutes from the open. On a half day the day's own close applies.
 *
 * Null (NaN) for a bar outside the sessions. A bar is inside if open <= start stamp < close, or open < end stamp <=
 * close. `ts` must ascend. Finite: depends on the bar's own time and on the calendar, which is known in advance.
 */
export function tradingMinutes(
  ts: BigInt64Array,
  clock: SessionClock,
  fromOpen: Float64Array,
  toClose: Float64Array,
): void {
  const shift = clock.stamp === "end" ? -1 : 0;
  localMicros(ts, clock, fromOpen, shift);
  let day = NaN;
  let intervals: TradingHours["sessions"] = [];
  let total = 0;
  for (let i = 0; i < ts.length; i++) {
    const inside = fromOpen[i]!;
    const today = Math.floor(inside / MICROS_PER_DAY);
    if (today !== day) {
      day = today;
      intervals = sessionIntervals(day, clock);
      total = lengthOf(intervals);
    }
    const minute = (inside - day * MICROS_PER_DAY) / MICROS_PER_MINUTE;
    fromOpen[i] = toClose[i] = NaN;
    let before = 0;
    for (let k = 0; k < intervals.length; k++) {
      const [open, close] = intervals[k]!;
      if (minute >= open && minute < close) {
        const stamp = (inside - shift - day * MICROS_PER_DAY) / MICROS_PER_MINUTE;
        fromOpen[i] = before + (stamp - open);
        toClose[i] = total - fromOpen[i]!;
        break;
      }
      before += close - open;
    }
  }
}

function lengthOf(intervals: TradingHours["sessions"]): number {
  let sum = 0;
  for (const [open, close] of intervals) sum += close - open;
  return sum;
}
