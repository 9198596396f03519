import { z } from "zod";

/** The averages there are, in the order of their columns. */
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
    .describe("bars of the averages; each gives a column of every average"),
  averages: z
    .array(z.enum(AVERAGES))
    .min(1)
    .refine(once, "expected each average once")
    .default(["sma", "ema", "wma", "dema", "tema", "hma", "kama", "t3"])
    .describe(
      "which averages; there are also smma (Wilder's), alma (Legoux) and epma (end of a fitted line)",
    ),
  seeding: z
    .enum(["mean", "first"])
    .default("mean")
    .describe(
      "how ema, dema, tema and smma begin: with the mean of their first values or with the first one",
    ),
  kama_fast: z.int().min(1).max(10_000).default(2).describe("span that kama takes a straight move at"),
  kama_slow: z.int().min(1).max(10_000).default(30).describe("span that kama takes a move to and fro at"),
  t3_factor: z.number().min(0).max(1).default(0.7).describe("how far t3 leans towards less lag"),
  alma_offset: z.number().min(0).max(1).default(0.85).describe("where alma weighs most: 0 oldest, 1 newest"),
  alma_sigma: z.number().positive().max(100).default(6).describe("how narrow the weights of alma are"),
});

export type AveragesParams = z.output<typeof paramsOfAverages>;

/** Name of the column of one average over one period. */
export const columnOf = (average: Average, period: number) => `${average}_${period}`;
