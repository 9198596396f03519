import { z } from "zod";

const bars = (usual: number, what: string) => z.int().min(1).max(10_000).default(usual).describe(what);
const width = (usual: number, what: string) => z.number().positive().max(1_000).default(usual).describe(what);

export const paramsOfBands = z.object({
  bollinger_period: bars(20, "bars of Bollinger's mean and deviation"),
  bollinger_multiplier: width(2, "deviations from the mean to a band"),
  keltner_period: bars(20, "span of Keltner's exponential average"),
  keltner_multiplier: width(2, "average true ranges from the average to a band"),
  keltner_atr_period: bars(10, "bars of Keltner's average true range"),
  donchian_period: bars(20, "bars of the highest high and lowest low"),
  donchian_lag: z
    .int()
    .min(0)
    .max(10_000)
    .default(0)
    .describe("bars between the window's end and the bar; 1 excludes only the bar itself"),
  chandelier_period: bars(22, "bars of the exits' extremes and average true range"),
  chandelier_multiplier: width(3, "average true ranges from the extreme to the exit"),
  starc_period: bars(5, "bars of Stoller's mean"),
  starc_multiplier: width(2, "average true ranges from the mean to a band"),
  starc_atr_period: bars(10, "bars of Stoller's average true range"),
  envelope_period: bars(20, "bars of the envelopes' mean"),
  envelope_percent: width(2.5, "distance from the mean to a band, in percent of the mean"),
});

export type BandsParams = z.output<typeof paramsOfBands>;
