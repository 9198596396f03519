import { requireSameLength } from "../arguments.ts";
import { localMicros, MICROS_PER_DAY } from "../sessions/local-time.ts";
import { sessionBuckets, type SessionClock } from "../sessions/session-buckets.ts";

/** What `sessionSlots` needs of a handler's `context.clock`. */
export interface SlotClock extends SessionClock {
  /** Length of a bar. */
  readonly intervalSeconds: number;
}

/**
 * The session of each bar, as its local date in days since 1970-01-01, and its slot in the day: how many whole bars of
 * the dataset's interval fit between local midnight and its start, for minute bars the minute of the day.
 *
 * A bar outside the clock's sessions has neither (NaN). Daily bars (`ts` in days) are a session each, in slot 0. A bar
 * stamped at its end is in the slot that it ends in. `ts` ascends.
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
