import { defineFeature, float64, price, ratio } from "quiver";
import { macd, macdStateLength, rsi, rsiStateLength } from "quiver/kernels";
import { z } from "zod";

/**
 * Two oscillators of the close in one pass, resumed bit for bit from eight saved numbers.
 *
 * - `rsi`: 100 - 100 / (1 + mean gain / mean loss). `smoothing` chooses the means:
 *   - `wilder` smooths with alpha 1/period, from the mean of the first `period` changes; values begin at bar `period`.
 *   - `span` smooths with alpha 2/(period+1), from the first change, as pandas users write it. The two never converge.
 *
 *   Without losses it is 100; without gains and losses it is null.
 * - `macd`: EMA(fast) - EMA(slow). `macd_signal` is its EMA(signal), `macd_hist` the difference. `seeding` decides whether
 *   an EMA begins with the mean of its first values or with the first value.
 *
 * A null close gives null and leaves the averages unchanged.
 */
export default defineFeature({
  description: "RSI and MACD of the close, with Wilder's or span-based smoothing",
  source: "Wilder, New Concepts in Technical Trading Systems, 1978; Appel, The MACD Trading Method, 1979",
  params: z.object({
    period: z.int().min(2).max(10_000).default(14).describe("bars of the RSI"),
    fast: z.int().min(1).max(10_000).default(12).describe("span of the fast average"),
    slow: z.int().min(2).max(10_000).default(26).describe("span of the slow average"),
    signal: z.int().min(1).max(10_000).default(9).describe("span of the signal line"),
    smoothing: z
      .enum(["wilder", "span"])
      .default("wilder")
      .describe(
        "wilder: alpha 1/period, seeded with a mean; span: alpha 2/(period+1), seeded with the first change",
      ),
    seeding: z
      .enum(["mean", "first"])
      .default("mean")
      .describe(
        "whether the MACD's averages begin with the mean of their first values or with the first one",
      ),
  }),
  inputs: { bars: { close: float64 } },
  outputs: { rsi: ratio, macd: price, macd_signal: price, macd_hist: price },
  memory: { stateLength: rsiStateLength + macdStateLength },
  warmUp: ({ period, slow, signal }) => Math.ceil(Math.max(20.7 * period, 10.4 * (slow + signal))),
  handler({ bars }, out, { params, state }) {
    const rsiState = state.subarray(0, rsiStateLength);
    const macdState = state.subarray(rsiStateLength);
    rsi(bars.close, params.period, out.rsi, { smoothing: params.smoothing, state: rsiState });
    macd(bars.close, params, out.macd, out.macd_signal, out.macd_hist, { state: macdState });
  },
});
