import { expect, test } from "vitest";
import { aroon, ichimoku, vortex } from "../../../../shared/kernels/index.ts";
import { describeWindowedBars } from "../describe-windowed-bars.ts";

describeWindowedBars("aroon", {
  columns: ["high", "low"],
  lookBack: 9,
  outputs: { upOut: 9, downOut: 9, oscillatorOut: 9 },
  periods: { period: 9 },
  run: ({ high, low }, [up, down, oscillator], { period }) =>
    aroon(high, low, period!, up!, down!, oscillator!),
});

describeWindowedBars("ichimoku", {
  columns: ["high", "low"],
  lookBack: 19,
  outputs: { tenkan: 4, kijun: 11, senkouA: 11, senkouB: 19 },
  periods: { tenkan: 5, kijun: 12, senkou: 20 },
  run: ({ high, low }, [first, second, senkouA, senkouB], { tenkan, kijun, senkou }) =>
    ichimoku(
      high,
      low,
      { tenkan: tenkan!, kijun: kijun!, senkou: senkou! },
      { tenkan: first!, kijun: second!, senkouA: senkouA!, senkouB: senkouB! },
    ),
});

describeWindowedBars("vortex", {
  columns: ["high", "low", "close"],
  lookBack: 8,
  outputs: { plusOut: 8, minusOut: 8 },
  periods: { period: 8 },
  run: ({ high, low, close }, [plus, minus], { period }, ordinal) =>
    vortex(high, low, close, period!, plus!, minus!, { ordinal }),
});

test("aroon() counts from the latest of equal extremes, or from the earliest", () => {
  const high = Float64Array.of(3, 1, 3, 1, 1);
  const [up, down, oscillator] = [new Float64Array(5), new Float64Array(5), new Float64Array(5)];
  aroon(high, high, 4, up, down, oscillator);
  expect([up[4], down[4], oscillator[4]]).toEqual([50, 100, -50]);
  aroon(high, high, 4, up, down, oscillator, { ties: "earliest" });
  expect([up[4], down[4], oscillator[4]]).toEqual([0, 25, -25]);
});

test("vortex() of a window without a range is null", () => {
  const flat = new Float64Array(5).fill(1);
  const [plus, minus] = [new Float64Array(5), new Float64Array(5)];
  vortex(flat, flat, flat, 2, plus, minus);
  expect([...new Set([...plus, ...minus])]).toEqual([NaN]);
});
