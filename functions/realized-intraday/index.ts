import { count, date32, defineTable, float64, ratio } from "quiver";
import { z } from "zod";
import { measureSessions } from "./measure-sessions.ts";

/**
 * How much a symbol's price moved within each session: one row per completed session, from bars of a minute or of any
 * other intraday length.
 *
 * Returns are r = ln(close / previous close) from bar to bar. The first return of a session, and the first after a break,
 * is ln(close / open) of its own bar, so no return spans a night or a lunch break. A bar whose close is null or not positive
 * counts as absent. If the open of such a first bar is null or not positive, returns begin at its close.
 *
 * - `realized_variance`: sum r^2.
 * - `bipower_variation`: pi/2 * sum |r_i| |r_(i-1)| over neighbouring returns of the session, which a single jump hardly
 *   affects; without a correction for their number.
 * - `subsampled_variance`: the mean of (ln p(t) / p(t - `sample_minutes`))^2 over all bar ends t that have both prices
 *   within one stretch of trading, times the number of such spans in the session. This is the average over all staggered
 *   grids of that length, corrected for the ends that they leave out. p is the last close, and before a stretch's first
 *   bar that bar's open. A stretch without bars does not count.
 * - `realized_skewness`: sqrt(n) * sum r^3 / realized_variance^1.5. `realized_kurtosis`: n * sum r^4 / realized_variance^2.
 *   Both are null if nothing moved.
 * - `return_count`: n, the number of returns; thin trading and null closes reduce it.
 *
 * Variances are per session, not annualised. They are null without returns, or with too few for two neighbours.
 *
 * `ts` is the session's local date, known at its close. The last session has a row only if one of the symbol's own bars
 * reaches its close or comes after it, so a row never changes. A session that is still in progress, or in which the data
 * end, has none.
 */
export default defineTable({
  description: "Realized variance, bipower variation, skewness and kurtosis of each completed session",
  source:
    "Barndorff-Nielsen and Shephard 2004 (bipower); Zhang, Mykland and Ait-Sahalia 2005 (subsampling); " +
    "Amaya, Christoffersen, Jacobs and Vasquez 2015 (skewness, kurtosis)",
  bars: "intraday",
  params: z.object({
    sample_minutes: z
      .int()
      .min(1)
      .max(240)
      .default(5)
      .describe("minutes spanned by each return of the subsampled variance; a multiple of the bars' length"),
  }),
  inputs: { bars: { open: float64, close: float64 } },
  outputs: {
    ts: date32,
    realized_variance: ratio,
    bipower_variation: ratio,
    subsampled_variance: ratio,
    realized_skewness: ratio,
    realized_kurtosis: ratio,
    return_count: count,
  },
  handler({ bars }, { params, ts, clock }) {
    if (!(ts instanceof BigInt64Array)) {
      throw new Error(
        "realized-intraday works on intraday bars; this dataset is daily. Name an intraday dataset.",
      );
    }
    return measureSessions(bars, ts, clock, params.sample_minutes);
  },
});
