import { attributes, defineFeature, float64, fromFunction, ratio, utf8 } from "quiver";
import { demean, percentRank, winsorize, zScore } from "quiver/kernels";
import { z } from "zod";

/**
 * Where each symbol stands among all symbols of the date, by one value: the return of the close unless another is
 * bound. `{"inputs": {"values": {"function": "rsi-macd"}}, "params": {"column": "rsi"}}` takes a function's output,
 * `{"inputs": {"values": {"dataset": "us-daily"}}, "params": {"column": "volume"}}` a column.
 *
 * - `percent_rank`: place in ascending order divided by the number of values, equal values sharing the mean of their
 *   places; in (0, 1].
 * - `z_score`: (value - mean) / standard deviation, with the number of values as divisor.
 * - `winsorized_z_score`: the z-score after values beyond the `tail` and 1 - `tail` quantiles (interpolated linearly)
 *   are set to those quantiles.
 * - `demeaned`: value - mean of its group; the group is a text column of an attributes dataset, and all symbols are one
 *   group where no dataset is named.
 *
 * The universe is every symbol that has a value at that moment, whichever symbols are asked for. A null value is left
 * out and stays null; so does `demeaned` for a symbol without a group. One symbol alone has rank 1, is 0 from its mean,
 * and has no z-scores; so do symbols that are all equal. Ranks and scores are free of the scale of prices only where the
 * value compared is.
 */
export default defineFeature({
  description: "Percentile rank, z-scores and distance from the group's mean among all symbols of the date",
  source: "Tukey, The Future of Data Analysis, 1962 (winsorizing); ranks as pandas' rank(pct=True)",
  partition: "date",
  params: z.object({
    column: z.string().min(1).default("simple_return").describe("the value that symbols are compared by"),
    tail: z
      .number()
      .min(0)
      .lt(0.5)
      .default(0.01)
      .describe("share of the values that is pulled in at each end"),
    attributes: z
      .string()
      .default("")
      .describe("dataset of attributes that holds the groups; none: one group"),
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
    // Outputs do not overlap: this one holds the winsorized values until the next line needs them elsewhere.
    winsorize(values, params.tail, out.demeaned);
    zScore(out.demeaned, out.winsorized_z_score);
    demean(values, out.demeaned, inputs.facts?.[params.group]?.codes);
  },
});
