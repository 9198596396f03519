import { date32, defineFeature, float64, fromDataset, price, ratio, volume } from "quiver";
import { localDates } from "quiver/kernels";
import { z } from "zod";
import { adjustmentsOf } from "./adjustments.ts";

const prices = { open: float64, high: float64, low: float64, close: float64, volume: float64 };
const factors = { price_factor: float64, split_factor: float64 };

export default defineFeature({
  description: "Prices and volume adjusted for splits and dividends with what was known at asOf",
  params: z.object({
    basis: z
      .enum(["adj_close", "factor", "factor-files"])
      .default("adj_close")
      .describe("a column adj_close, a column factor, or factor rows in a dataset of their own"),
    factors: z.string().default("factors").describe("the dataset of factor rows, for basis factor-files"),
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
  handler({ bars, factors: rows }, out, { params, ts, clock }) {
    const { open, high, low, close } = bars;
    const { ofPrice, ofShares } = adjustmentsOf(params.basis, bars, rows);
    for (let i = 0; i < close.length; i++) {
      const factor = ofPrice[i]!;
      out.adjustment[i] = factor;
      out.open[i] = open[i]! * factor;
      out.high[i] = high[i]! * factor;
      out.low[i] = low[i]! * factor;
      out.close[i] = close[i]! * factor;
      out.volume[i] = bars.volume[i]! / ofShares[i]!;
      // Money that changed hands is the same before and after any adjustment.
      out.dollar_volume[i] = close[i]! * bars.volume[i]!;
    }
    const dates = out.session_date;
    if (ts instanceof BigInt64Array) localDates(ts, clock, dates.values);
    else dates.values.set(ts);
    dates.valid.fill(1);
  },
});
