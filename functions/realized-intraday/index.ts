import { count, date32, defineTable, float64, ratio } from "quiver";
import { z } from "zod";
import { measureSessions } from "./measure-sessions.ts";

/**
 * How much a symbol's price moved within each of its sessions, one row a session that is over, from bars of a minute or
 * of any other length within the day.
 *
 * Returns are r = ln(close / previous close) from bar to bar; the first one of a session, and the first one after a
 * break, is ln(close / open) of its own bar: no return spans a night or a lunch break. A bar whose close is null or not
 * positive is as if it were absent; where the open of such a first bar is, returns begin at its close.
 *
 * - `realized_variance`: sum r^2.
 * - `bipower_variation`: pi/2 * sum |r_i| |r_(i-1)| over neighbouring returns of the session, which a single jump does
 *   not reach; without a correction for their number.
 * - `subsampled_variance`: the mean of (ln p(t) / p(t - `sample_minutes`))^2 over all bar ends t that have both prices
 *   within one stretch of trading, times the number of such spans in the session. It is the average over all
 *   staggered grids of 5 minutes, made up for the ends that they leave out. p is the last close, and before a
 *   stretch's first bar that bar's open; a stretch without bars does not count.
 * - `realized_skewness`: sqrt(n) * sum r^3 / realized_variance^1.5, `realized_kurtosis`: n * sum r^4 / realized_variance^2;
 *   null where nothing moved.
 * - `return_count`: n, how many returns there are; thin trading and null closes make it less.
 *
 * Variances are of the session, not annualised. Null where there are no returns, or too few for two neighbours.
 *
 * `ts` is the session's local date, known at its close. The last session has a row only when one of the symbol's own bars
 * reaches its close or comes after it, so that a row never changes; of a session that is still going on, or that the
 * data leave off in, there is none.
 */
export default defineTable({
  description: "Realized variance, bipower variation, skewness and kurtosis of each session that is over",
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
      .describe("minutes of a return of the subsampled variance; a multiple of the bars' length"),
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
