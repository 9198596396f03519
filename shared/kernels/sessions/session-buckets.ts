import { localMicros, MICROS_PER_DAY, MICROS_PER_MINUTE, type UtcOffsets } from "./local-time.ts";
import { sessionIntervals, type TradingHours } from "./session-intervals.ts";

/** The parts of a handler's `context.clock` that `sessionBuckets` needs. */
export interface SessionClock extends UtcOffsets, TradingHours {
  readonly stamp: "start" | "end";
}

/**
 * Assigns each bar to a bucket: the bucket's start in local microseconds, or NaN for a bar outside the sessions.
 *
 * Buckets of `minutes` are counted from the opening of each session interval and never extend past its end, so a lunch
 * break separates them and the last bucket of an interval may be shorter. On a half day trading ends at that day's own
 * close, and a holiday has no buckets. With `minutes` 0 the bucket is the whole local day. A bar stamped at its end
 * belongs to the bucket in which it ends: 11:30 belongs to the morning. `ts` must ascend.
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

/** The local end of the bucket that starts at `start`, limited to the end of its session interval. */
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
