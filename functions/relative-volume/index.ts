import { count, defineFeature, float64, ratio, volume } from "quiver";
import { relativeVolume, sessionSlots } from "quiver/kernels";
import { z } from "zod";
import { requireBarsPerDay } from "./require-bars-per-day.ts";

/**
 * Volume relative to the usual volume at its time of day. This is a group of its own because its memory spans sessions: its
 * look-back in bars is long, and in a recursive group it would be a state of as many numbers.
 *
 * - `relative_volume`: volume / `usual_volume`.
 * - `usual_volume`: mean of the volumes in the same slot of the day (the minute, for minute bars) in the `sessions`
 *   sessions before the current one. A session is a local date on which the symbol has a bar inside trading hours. Sessions
 *   without a bar in the slot are left out, because thin trading skips minutes and half days end early.
 * - `usual_count`: the number of sessions in the mean.
 *
 * Daily bars have one slot: `usual_volume` is then the mean of the last `sessions` volumes.
 *
 * All columns are null in the first `sessions` sessions and outside trading hours. `usual_volume` is null if no session had
 * a volume in the slot. `relative_volume` is null if either volume is, or if the usual volume is zero.
 *
 * The look-back is `(sessions + 1) * bars_per_day - 1` bars, enough for any sessions. `bars_per_day` is the largest number
 * of bars that a symbol may have on one local date, including those outside trading hours. More bars are refused, because
 * values would then depend on where a computation starts. 1,440 suits minute bars; bars of seconds need more.
 */
export default defineFeature({
  description: "Volume relative to the mean volume at the same time of day in the last sessions",
  source: "The usual definition of relative volume at time of day (RVOL)",
  params: z.object({
    sessions: z.int().min(1).max(260).default(20).describe("sessions before the current one to average over"),
    bars_per_day: z
      .int()
      .min(1)
      .max(86_400)
      .default(1_440)
      .describe("largest number of bars of a symbol on one local date; affects only the look-back"),
  }),
  inputs: { bars: { volume: float64 } },
  outputs: { relative_volume: ratio, usual_volume: volume, usual_count: count },
  memory: { lookBack: ({ sessions, bars_per_day: perDay }) => (sessions + 1) * perDay - 1 },
  handler({ bars }, out, { params, ts, clock, symbol }) {
    requireBarsPerDay(ts, clock, params.bars_per_day, symbol);
    const sessions = new Float64Array(ts.length);
    const slots = new Float64Array(ts.length);
    sessionSlots(ts, clock, sessions, slots);
    relativeVolume(bars.volume, sessions, slots, params.sessions, out.relative_volume, {
      usual: out.usual_volume,
      usualCount: out.usual_count,
    });
  },
});
