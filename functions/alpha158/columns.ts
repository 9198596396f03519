import { type Column, float32 } from "quiver";

/** The windows of every rolling column, in bars. */
export const WINDOWS = [5, 10, 20, 30, 60] as const;

const CANDLE = ["kmid", "klen", "kmid2", "kup", "kup2", "klow", "klow2", "ksft", "ksft2"] as const;
const PRICE = ["open0", "high0", "low0", "vwap0"] as const;
const ROLLING = [
  "roc",
  "ma",
  "std",
  "beta",
  "rsqr",
  "resi",
  "max",
  "min",
  "qtlu",
  "qtld",
  "rank",
  "rsv",
  "imax",
  "imin",
  "imxd",
  "corr",
  "cord",
  "cntp",
  "cntn",
  "cntd",
  "sump",
  "sumn",
  "sumd",
  "vma",
  "vstd",
  "wvma",
  "vsump",
  "vsumn",
  "vsumd",
] as const;

type Window = (typeof WINDOWS)[number];
type Name = (typeof CANDLE)[number] | (typeof PRICE)[number] | `${(typeof ROLLING)[number]}${Window}`;
type Float32 = Column<"float32", false>;

/** Where the handler writes the 158 columns. */
export type AlphaOutputs = Readonly<Record<Name, Float32Array>>;

/**
 * The 158 columns in the order of Qlib's handler: candles, prices, then each rolling group over all windows. All are
 * ratios except `corr`, because ln(volume + 1) changes its shape with the unit of volume.
 */
export const ALPHA_COLUMNS: Readonly<Record<Name, Float32>> = Object.freeze(
  Object.fromEntries(
    [
      ...CANDLE,
      ...PRICE,
      ...ROLLING.flatMap((group) => WINDOWS.map((window) => `${group}${window}` as const)),
    ].map((name) => [name, float32.as(name.startsWith("corr") ? "none" : "ratio")]),
  ) as Record<Name, Float32>,
);
