import { localMicros, MICROS_PER_DAY, MICROS_PER_MINUTE, type UtcOffsets } from "./local-time.ts";
import { sessionIntervals, type TradingHours } from "./session-intervals.ts";

/** What `sessionBuckets` needs of a handler's `context.clock`. */
export interface SessionClock extends UtcOffsets, TradingHours {
  readonly stamp: "start" | "end";
}

/**
 * The bucket each bar falls into: its start in local microseconds, or NaN for a bar outside the sessions.
 *
 * Buckets of `minutes` are counted from the opening of each session interval and never reach over its end, so a
 * lunch break separates them and the last one of an interval may be shorter; on a half day trading ends at that day's
 * own close, and a holiday has no buckets. With `minutes` 0 the bucket is the whole local day. A bar stamped at its end
 * belongs to the bucket that it ends in: 11:30 to the morning. `ts` ascends.
 */
export function sessionBuckets(
  ts: BigInt64Array,
  clock: SessionClock,
  minutes: number,
  out: Float64Array,
): void {
  localMicros(ts, clock, out, clock.stamp === "end" ? -1 : 0);
  const bucket = minutes * MICROS_PER_MINUTE;
  let day = NaN;
  let intervals: TradingHours["sessions"] = [];
  for (let i = 0; i < ts.length; i++) {
    const local = out[i]!;
    const today = Math.floor(local / MICROS_PER_DAY);
    if (today !== day) {
      day = today;
      intervals = sessionIntervals(day, clock);
    }
    const midnight = day * MICROS_PER_DAY;
    out[i] = NaN;
    for (let k = 0; k < intervals.length; k++) {
      const open = midnight + intervals[k]![0] * MICROS_PER_MINUTE;
      const close = midnight + intervals[k]![1] * MICROS_PER_MINUTE;
      if (local < open || local >= close) continue;
      out[i] = bucket === 0 ? midnight : open + Math.floor((local - open) / bucket) * bucket;
      break;
    }
  }
}

/** Local end of the bucket that starts at `start`: cut at the end of its session interval. */
export function bucketEnd(start: number, clock: SessionClock, minutes: number): number {
  const day = Math.floor(start / MICROS_PER_DAY);
  const midnight = day * MICROS_PER_DAY;
  const end = start + minutes * MICROS_PER_MINUTE;
  for (const [openMinute, closeMinute] of sessionIntervals(day, clock)) {
    const open = midnight + openMinute * MICROS_PER_MINUTE;
    const close = midnight + closeMinute * MICROS_PER_MINUTE;
    if (start >= open && start < close) return Math.min(end, close);
  }
  return end;
}
