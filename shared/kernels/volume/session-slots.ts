import { requireSameLength } from "../arguments.ts";
import { localMicros, MICROS_PER_DAY } from "../sessions/local-time.ts";
import { sessionBuckets, type SessionClock } from "../sessions/session-buckets.ts";

/** The parts of a handler's `context.clock` that `sessionSlots` needs. */
export interface SlotClock extends SessionClock {
  /** Length of a bar. */
  readonly intervalSeconds: number;
}

/**
 * Assigns each bar to its session, as the local date in days since 1970-01-01, and to its slot in the day: the number
 * of whole bars of the dataset's interval between local midnight and its start (for minute bars, the minute of the
 * day).
 *
 * A bar outside the clock's sessions has neither (NaN). Each daily bar (`ts` in days) is its own session, in slot 0. A
 * bar stamped at its end belongs to the slot in which it ends. `ts` must ascend.
 */
export function sessionSlots(
  ts: Int32Array | BigInt64Array,
  clock: SlotClock,
  sessions: Float64Array,
  slots: Float64Array,
): void {
  requireSameLength("sessionSlots", { sessions, slots }, ts.length);
  if (ts instanceof Int32Array) {
    sessions.set(ts);
    slots.fill(0);
    return;
  }
  sessionBuckets(ts, clock, 0, sessions);
  localMicros(ts, clock, slots, clock.stamp === "end" ? -1 : 0);
  const interval = clock.intervalSeconds * 1_000_000;
  for (let i = 0; i < ts.length; i++) {
    const midnight = sessions[i]!;
    slots[i] = Math.floor((slots[i]! - midnight) / interval);
    sessions[i] = midnight / MICROS_PER_DAY;
  }
}
