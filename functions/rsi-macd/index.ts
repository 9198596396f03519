import { defineFeature, float64, price, ratio } from "quiver";
import { macd, macdStateLength, rsi, rsiStateLength } from "quiver/kernels";
import { z } from "zod";

export default defineFeature({
  description: "RSI and MACD of the close, with Wilder's smoothing or a span's",
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
    seeding: z.enum(["mean", "first"]).default("mean").describe("how the averages of the MACD begin"),
  }),
  inputs: { bars: { close: float64 } },
  outputs: { rsi: ratio, macd: price, macd_signal: price, macd_hist: price },
  memory: { stateLength: rsiStateLength + macdStateLength },
  warmUp: ({ period, slow, signal }) => Math.ceil(Math.max(20.7 * period, 10.4 * (slow + signal))),
  handler({ bars }, out, { params, state }) {
    const rsiState = state.subarray(0, rsiStateLength);
    const macdState = state.subarray(rsiStateLength);
    rsi(bars.close, params.period, out.rsi, { smoothing: params.smoothing, state: rsiState });
    macd(bars.close, params, out.macd, out.macd_signal, out.macd_hist, macdState);
  },
});
