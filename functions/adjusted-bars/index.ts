import { date32, defineFeature, float64, fromDataset, price, ratio, volume } from "quiver";
import { localDates } from "quiver/kernels";
import { z } from "zod";
import { adjustmentsOf } from "./adjustments.ts";

const prices = { open: float64, high: float64, low: float64, close: float64, volume: float64 };
const factors = { price_factor: float64, split_factor: float64 };

/**
 * Bars on one scale, that of the last bar known at `asOf`; most feature groups can read these instead of raw bars. Each
 * bar is scaled by the splits and dividends between it and that last bar, so no value contains anything later than
 * `asOf`. As of another moment, all values may be on another scale, but the returns between them are the same.
 *
 * `basis` chooses the source of the adjustments:
 * - `adj_close`: a column with the adjusted close. It does not distinguish dividends from splits, so volume uses the same
 *   ratio as prices.
 * - `factor`: a column with a cumulative factor, as Chinese data vendors provide; volume uses the same ratio too.
 * - `factor-files`: another dataset, whose row dated d applies to bars up to and including d, with `price_factor`
 *   (dividends) and `split_factor`, both cumulative from the end. Both adjust prices; only splits adjust volume.
 *
 * A null price or volume stays null. `dollar_volume` is close times volume as traded.
 */
export default defineFeature({
  description: "Prices and volume adjusted for the splits and dividends known at asOf",
  source: "QuantConnect Lean, factor files; CRSP, adjusting prices for distributions",
  params: z.object({
    basis: z
      .enum(["adj_close", "factor", "factor-files"])
      .default("adj_close")
      .describe(
        "where adjustments come from: a column adj_close, a column factor, or factor rows in another dataset",
      ),
    factors: z.string().default("factors").describe("dataset of the factor rows, for basis factor-files"),
  }),
  inputs: ({ basis, factors: dataset }) => ({
    bars: {
      ...prices,
      ...(basis === "adj_close" ? { adj_close: float64 } : {}),
      ...(basis === "factor" ? { factor: float64 } : {}),
    },
    ...(basis === "factor-files"
      ? { factors: fromDataset(dataset, { match: "following", columns: factors }) }
      : {}),
  }),
  outputs: {
    open: price,
    high: price,
    low: price,
    close: price,
    volume,
    dollar_volume: volume,
    adjustment: ratio,
    session_date: date32,
  },
  // The other bases divide by the last bar's factor, so a value depends on all later bars.
  memory: { lookBack: ({ basis }) => (basis === "adj_close" ? 0 : null) },
  handler({ bars, factors: rows }, out, { params, ts, clock, warn }) {
    const { open, high, low, close } = bars;
    const { ofPrice, ofShares } = adjustmentsOf(params.basis, bars, rows, warn);
    for (let i = 0; i < close.length; i++) {
      const factor = ofPrice[i]!;
      out.adjustment[i] = factor;
      out.open[i] = open[i]! * factor;
      out.high[i] = high[i]! * factor;
      out.low[i] = low[i]! * factor;
      out.close[i] = close[i]! * factor;
      out.volume[i] = bars.volume[i]! / ofShares[i]!;
      out.dollar_volume[i] = close[i]! * bars.volume[i]!;
    }
    // The source's own value, free of the rounding of a division and a multiplication.
    if (bars.adj_close !== undefined) out.close.set(bars.adj_close);
    const dates = out.session_date;
    if (ts instanceof BigInt64Array) localDates(ts, clock, dates.values);
    else dates.values.set(ts);
    dates.valid.fill(1);
  },
});
