import { localMicros, MICROS_PER_DAY, MICROS_PER_MINUTE, type UtcOffsets } from "./local-time.ts";

/** What `sessionBuckets` needs of a handler's `context.clock`. */
export interface SessionClock extends UtcOffsets {
  readonly stamp: "start" | "end";
  /** Local opening intervals in minutes since midnight; none means the whole day. */
  readonly sessions: readonly (readonly [openMinute: number, closeMinute: number])[];
}

/**
 * The bucket each bar falls into: its start in local microseconds, or NaN for a bar outside the sessions.
 *
 * Buckets of `minutes` are counted from the opening of each session interval and never reach over its end, so a
 * lunch break separates them and the last one of an interval may be shorter. With `minutes` 0 the bucket is the
 * whole local day. A bar stamped at its end belongs to the bucket that it ends in: 11:30 to the morning.
 */
export function sessionBuckets(
  ts: BigInt64Array,
  clock: SessionClock,
  minutes: number,
  out: Float64Array,
): void {
  const { sessions, stamp } = clock;
  const intervals = sessions.length === 0 ? WHOLE_DAY : sessions;
  const shift = stamp === "end" ? -1 : 0;
  localMicros(ts, clock, out, shift);
  const bucket = minutes * MICROS_PER_MINUTE;
  for (let i = 0; i < ts.length; i++) {
    const local = out[i]!;
    const midnight = Math.floor(local / MICROS_PER_DAY) * MICROS_PER_DAY;
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

/**
 * Local end of the bucket that starts at `start`: cut at the end of its session interval.
 */
export function bucketEnd(start: number, clock: SessionClock, minutes: number): number {
  const midnight = Math.floor(start / MICROS_PER_DAY) * MICROS_PER_DAY;
  const intervals = clock.sessions.length === 0 ? WHOLE_DAY : clock.sessions;
  const end = start + minutes * MICROS_PER_MINUTE;
  for (const [openMinute, closeMinute] of intervals) {
    const open = midnight + openMinute * MICROS_PER_MINUTE;
    const close = midnight + closeMinute * MICROS_PER_MINUTE;
    if (start >= open && start < close) return Math.min(end, close);
  }
  return end;
}

const WHOLE_DAY: readonly (readonly [number, number])[] = [[0, 1440]];
