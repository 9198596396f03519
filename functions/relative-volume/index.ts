import { count, defineFeature, float64, ratio, volume } from "quiver";
import { relativeVolume, sessionSlots } from "quiver/kernels";
import { z } from "zod";
import { requireBarsPerDay } from "./require-bars-per-day.ts";

/**
 * Volume relative to what is usual at its time of day. A group of its own because its memory is counted in sessions: as a
 * look-back in bars it is long, and would be a state of as many numbers in a recursive group.
 *
 * - `relative_volume`: volume over `usual_volume`.
 * - `usual_volume`: mean of the volumes in the same slot of the day (the minute, for minute bars) in the `sessions`
 *   sessions before the current one. Sessions are local dates on which the symbol has a bar inside trading hours. Those
 *   without a bar in the slot are left out: thin trading leaves minutes out, and half days end early.
 * - `usual_count`: how many sessions have entered the mean.
 *
 * Null in the first `sessions` sessions and outside trading hours; `relative_volume` also beside a null volume, and, with
 * `usual_volume`, where no session had a volume in the slot; where that is zero, nothing is relative to it. Daily bars have one slot: there it is volume over the mean of the last `sessions` volumes.
 *
 * The look-back is `(sessions + 1) * bars_per_day - 1` bars, enough whatever `sessions` hold: `bars_per_day` is the most
 * bars that a symbol has on one local date, those outside trading hours included. More than that is refused, as values
 * would then depend on where a computation starts. 1,440 fits minutes; bars of seconds need more.
 */
export default defineFeature({
  description: "Volume over the mean volume at the same time of day in the last sessions",
  source: "The usual definition of relative volume at time of day (RVOL)",
  params: z.object({
    sessions: z.int().min(1).max(260).default(20).describe("sessions before the current one to average over"),
    bars_per_day: z
      .int()
      .min(1)
      .max(86_400)
      .default(1_440)
      .describe("most bars of a symbol on one local date; only the look-back follows from it"),
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
