import { count, date32, defineTable, float64, price, timestamp, volume } from "quiver";
import { z } from "zod";
import { MINUTES, resampleBars } from "./resample-bars.ts";

/**
 * Bars of 5 minutes to a day from minute bars, one symbol at a time. Buckets start at the opening of each session interval
 * and end with it; a daily bar is one local date. Bars outside the sessions are left out, and a bucket without bars gives
 * no row. The new bars are stamped like the minute bars, at their start or at their end.
 *
 * Null prices are skipped; a column is null if all values in its bucket are. `bar_count` is the number of bars in the
 * bucket: the last bucket may still be forming at `asOf`, and thin trading skips minutes.
 */
export default defineTable({
  description: "Longer bars from minute bars, session by session",
  bars: "intraday",
  params: z.object({
    interval: z.enum(["5m", "15m", "1h", "1d"]).default("5m").describe("length of the new bars"),
  }),
  inputs: { bars: { open: float64, high: float64, low: float64, close: float64, volume: float64 } },
  outputs: ({ interval }) => ({
    ts: interval === "1d" ? date32 : timestamp,
    open: price,
    high: price,
    low: price,
    close: price,
    volume,
    bar_count: count,
  }),
  handler({ bars }, { params, ts, clock }) {
    if (!(ts instanceof BigInt64Array)) {
      throw new Error("resample works on intraday bars; this dataset is daily. Name an intraday dataset.");
    }
    return resampleBars(bars, ts, clock, MINUTES[params.interval]);
  },
});
