import { defineFeature, float64, price, ratio } from "quiver";
import {
  adx,
  aroon,
  ichimoku,
  parabolicSar,
  resumeKernel,
  splitState,
  stateLengthOf,
  supertrend,
  vortex,
} from "quiver/kernels";
import { z } from "zod";
import { lookBackOf, stateLengthsOf } from "./memory.ts";

const bars = (usual: number, what: string, least = 1) =>
  z.int().min(least).max(10_000).default(usual).describe(what);

/**
 * Direction and strength of trends, in one pass over high, low and close; n is the period of each.
 *
 * - `plus_di`, `minus_di`: 100 * Wilder's sum of the directional movement up (down) / that of the true range, from bar n.
 *   `adx`: Wilder's average of 100 * |plus_di - minus_di| / (plus_di + minus_di), from bar 2n - 1. `adxr`: mean of the
 *   `adx` and that of `adx_period` bars before (TA-Lib: one bar less), from bar 3n - 1.
 * - `aroon_up`, `aroon_down`: 100 * (n - bars since the highest high (lowest low)) / n, over n + 1 bars. `aroon_ties`
 *   decides which of equal extremes counts. `aroon_oscillator`: their difference.
 * - `psar`: Wilder's stop and reverse. `psar_direction`: 1 rising, -1 falling. Both are null up to the first reversal.
 * - `tenkan`, `kijun`, `senkou_b`: (highest high + lowest low) / 2 over their windows. `senkou_a`: the mean of tenkan and
 *   kijun. Values stand at the bar at which they are known: a chart shows the spans `kijun_period` bars later. There is no
 *   chikou, because it is a future close.
 * - `supertrend`: (high + low) / 2 -/+ multiplier * ATR, as a band that never recedes. `supertrend_direction`: 1 if the
 *   band is below the price, -1 if above.
 * - `vortex_plus`, `vortex_minus`: sums of |high - low before| and |low - high before| / the sum of the true range.
 *
 * Nulls: the recursive columns (DI, ADX, SAR, SuperTrend) are null at a bar with a null, and continue as if it were absent.
 * The others are null while the window holds a null. DI, ADX and vortex are null if the window has no range.
 */
export default defineFeature({
  description: "ADX, Aroon, Parabolic SAR, Ichimoku without displacement, SuperTrend and Vortex",
  source:
    "Wilder, New Concepts in Technical Trading Systems, 1978; Chande, 1995; Hosoda, 1969; Botes and Siepman, 2010",
  params: z
    .object({
      adx_period: bars(14, "bars of the directional index"),
      aroon_period: bars(25, "bars of Aroon"),
      aroon_ties: z
        .enum(["latest", "earliest"])
        .default("latest")
        .describe("which of equal highs or lows Aroon counts from; TA-Lib uses the latest"),
      psar_step: z
        .number()
        .positive()
        .max(1)
        .default(0.02)
        .describe("initial acceleration of the SAR, and its increment"),
      psar_maximum: z.number().positive().max(1).default(0.2).describe("largest acceleration of the SAR"),
      tenkan_period: bars(9, "bars of Ichimoku's conversion line"),
      kijun_period: bars(26, "bars of Ichimoku's base line"),
      senkou_b_period: bars(52, "bars of Ichimoku's slow span"),
      supertrend_period: bars(10, "bars of SuperTrend's average true range"),
      supertrend_multiplier: z
        .number()
        .positive()
        .max(1_000)
        .default(3)
        .describe("average true ranges from the middle of the bar to SuperTrend's band"),
      vortex_period: bars(14, "bars of the vortex"),
    })
    .refine(({ psar_step: step, psar_maximum: maximum }) => step <= maximum, {
      path: ["psar_step"],
      message: "expected at most psar_maximum",
    }),
  inputs: { bars: { high: float64, low: float64, close: float64 } },
  outputs: {
    plus_di: ratio,
    minus_di: ratio,
    adx: ratio,
    adxr: ratio,
    aroon_up: ratio,
    aroon_down: ratio,
    aroon_oscillator: ratio,
    psar: price,
    psar_direction: float64.as("flag"),
    tenkan: price,
    kijun: price,
    senkou_a: price,
    senkou_b: price,
    supertrend: price,
    supertrend_direction: float64.as("flag"),
    vortex_plus: ratio,
    vortex_minus: ratio,
  },
  memory: { stateLength: (params) => stateLengthOf(stateLengthsOf(params)) },
  warmUp: (params) =>
    Math.max(26 * params.adx_period, Math.ceil(20.7 * params.supertrend_period) + 100, lookBackOf(params)),
  handler({ bars: { high, low, close } }, out, { params, state, ordinal }) {
    const parts = splitState(state, stateLengthsOf(params));
    const directional = { plusDi: out.plus_di, minusDi: out.minus_di, adx: out.adx, adxr: out.adxr };
    adx(high, low, close, params.adx_period, directional, { state: parts.adx });
    const acceleration = { step: params.psar_step, maximum: params.psar_maximum };
    parabolicSar(high, low, acceleration, out.psar, out.psar_direction, { state: parts.sar });
    const bands = { period: params.supertrend_period, multiplier: params.supertrend_multiplier };
    supertrend(high, low, close, bands, out.supertrend, out.supertrend_direction, {
      state: parts.supertrend,
    });

    const windowed = [
      out.aroon_up,
      out.aroon_down,
      out.aroon_oscillator,
      out.tenkan,
      out.kijun,
      out.senkou_a,
      out.senkou_b,
      out.vortex_plus,
      out.vortex_minus,
    ];
    resumeKernel([high, low, close], lookBackOf(params), ordinal, parts.bars, windowed, writeWindowed);

    function writeWindowed(
      [highs, lows, closes]: readonly Float64Array[],
      [up, down, difference, tenkan, kijun, senkouA, senkouB, plus, minus]: readonly Float64Array[],
      first: number,
    ) {
      const ties = { ties: params.aroon_ties };
      aroon(highs!, lows!, params.aroon_period, up!, down!, difference!, ties);
      const periods = {
        tenkan: params.tenkan_period,
        kijun: params.kijun_period,
        senkou: params.senkou_b_period,
      };
      const lines = { tenkan: tenkan!, kijun: kijun!, senkouA: senkouA!, senkouB: senkouB! };
      ichimoku(highs!, lows!, periods, lines);
      vortex(highs!, lows!, closes!, params.vortex_period, plus!, minus!, { ordinal: first });
    }
  },
});
