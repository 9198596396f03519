import { attributes, defineFeature, float64, fromFunction, ratio, utf8 } from "quiver";
import { demean, percentRank, winsorize, zScore } from "quiver/kernels";
import { z } from "zod";

/**
 * How each symbol compares with all symbols of the date, by one value: the return of the close unless another is bound.
 * `{"inputs": {"values": {"function": "rsi-macd"}}, "params": {"column": "rsi"}}` binds a function's output,
 * `{"inputs": {"values": {"dataset": "us-daily"}}, "params": {"column": "volume"}}` a column.
 *
 * - `percent_rank`: place in ascending order, divided by the number of values; equal values share the mean of their
 *   places; in (0, 1].
 * - `z_score`: (value - mean) / standard deviation, with the number of values as divisor.
 * - `winsorized_z_score`: the z-score after values beyond the `tail` and 1 - `tail` quantiles (interpolated linearly)
 *   are set to those quantiles.
 * - `demeaned`: value - mean of its group. Groups come from a text column of an attributes dataset; without a dataset, all
 *   symbols are one group.
 *
 * The universe is every symbol that has a value at that moment, whichever are selected. A null value is left out and stays
 * null; `demeaned` is null for a symbol without a group. A single symbol has rank 1, distance 0 and no z-scores; z-scores
 * are also null if all values are equal. Ranks and scores are independent of the scale of prices only if the compared
 * value is.
 */
export default defineFeature({
  description: "Percentile rank, z-scores and distance from the group's mean among all symbols of the date",
  source: "Tukey, The Future of Data Analysis, 1962 (winsorizing); ranks as pandas' rank(pct=True)",
  partition: "date",
  params: z.object({
    column: z.string().min(1).default("simple_return").describe("column by which symbols are compared"),
    tail: z
      .number()
      .min(0)
      .lt(0.5)
      .default(0.01)
      .describe("share of the values that is winsorized at each end"),
    attributes: z
      .string()
      .default("")
      .describe("dataset of attributes that holds the groups; empty for one group"),
    group: z.string().min(1).default("sector").describe("text column of the attributes that names the group"),
  }),
  inputs: ({ column, attributes: dataset, group }) => ({
    values: fromFunction("returns", { columns: { [column]: float64 } }),
    ...(dataset === "" ? {} : { facts: attributes(dataset, { [group]: utf8 }) }),
  }),
  outputs: { percent_rank: ratio, z_score: ratio, winsorized_z_score: ratio, demeaned: float64 },
  handler(inputs, out, { params }) {
    const values = inputs.values[params.column]!;
    percentRank(values, out.percent_rank);
    zScore(values, out.z_score);
    // `demeaned` serves as a buffer for the winsorized values, because the input and output of zScore must not overlap.
    winsorize(values, params.tail, out.demeaned);
    zScore(out.demeaned, out.winsorized_z_score);
    demean(values, out.demeaned, inputs.facts?.[params.group]?.codes);
  },
});
