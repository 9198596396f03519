import { z } from "zod";

/** All averages, in the order of their columns. */
export const AVERAGES = [
  "sma",
  "ema",
  "wma",
  "dema",
  "tema",
  "hma",
  "kama",
  "t3",
  "smma",
  "alma",
  "epma",
] as const;
export type Average = (typeof AVERAGES)[number];

const once = (items: readonly unknown[]) => new Set(items).size === items.length;

export const paramsOfAverages = z.object({
  periods: z
    .array(z.int().min(2).max(10_000))
    .min(1)
    .max(20)
    .refine(once, "expected each period once")
    .default([20])
    .describe("bars of the averages; every average has one column per period"),
  averages: z
    .array(z.enum(AVERAGES))
    .min(1)
    .refine(once, "expected each average once")
    .default(["sma", "ema", "wma", "dema", "tema", "hma", "kama", "t3"])
    .describe(
      "averages to compute; smma (Wilder's), alma (Legoux) and epma (end of a fitted line) are available too",
    ),
  seeding: z
    .enum(["mean", "first"])
    .default("mean")
    .describe(
      "whether ema, dema, tema and smma begin with the mean of their first values or with the first one",
    ),
  kama_fast: z.int().min(1).max(10_000).default(2).describe("span of kama in a straight move"),
  kama_slow: z.int().min(1).max(10_000).default(30).describe("span of kama in a market without direction"),
  t3_factor: z
    .number()
    .min(0)
    .max(1)
    .default(0.7)
    .describe("volume factor of t3: higher values reduce its lag"),
  alma_offset: z
    .number()
    .min(0)
    .max(1)
    .default(0.85)
    .describe("position of alma's largest weight: 0 oldest, 1 newest"),
  alma_sigma: z
    .number()
    .positive()
    .max(100)
    .default(6)
    .describe("sharpness of alma's weights: higher values make them narrower"),
});

export type AveragesParams = z.output<typeof paramsOfAverages>;

/** The name of an average's column. */
export const columnOf = (average: Average, period: number) => `${average}_${period}`;
