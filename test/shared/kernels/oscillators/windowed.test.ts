import { describe, expect, test } from "vitest";
import {
  awesomeOscillator,
  balanceOfPower,
  chandeMomentumOscillator,
  choppinessIndex,
  commodityChannelIndex,
  detrendedPriceOscillator,
  rateOfChange,
  stochastic,
  ulcerIndex,
  ultimateOscillator,
  williamsR,
} from "../../../../shared/kernels/index.ts";
import { describeWindowedBars } from "../describe-windowed-bars.ts";

const PRICES = ["high", "low", "close"] as const;

describeWindowedBars("stochastic", {
  columns: PRICES,
  lookBack: 12,
  outputs: { kOut: 9, dOut: 12 },
  periods: { period: 8, smooth: 3, signal: 4 },
  run: ({ high, low, close }, [k, d], { period, smooth, signal }, ordinal) =>
    stochastic(high, low, close, { period: period!, smooth: smooth!, signal: signal! }, k!, d!, { ordinal }),
});

describeWindowedBars("williamsR", {
  columns: PRICES,
  lookBack: 7,
  outputs: { out: 7 },
  periods: { period: 8 },
  run: ({ high, low, close }, [out], { period }) => williamsR(high, low, close, period!, out!),
});

describeWindowedBars("commodityChannelIndex", {
  columns: PRICES,
  lookBack: 7,
  outputs: { out: 7 },
  periods: { period: 8 },
  run: ({ high, low, close }, [out], { period }, ordinal) =>
    commodityChannelIndex(high, low, close, period!, out!, { ordinal }),
});

describeWindowedBars("rateOfChange", {
  columns: ["close"],
  lookBack: 6,
  outputs: { out: 6 },
  periods: { period: 6 },
  run: ({ close }, [out], { period }) => rateOfChange(close, period!, out!),
});

describeWindowedBars("ultimateOscillator", {
  columns: PRICES,
  lookBack: 11,
  outputs: { out: 11 },
  periods: { short: 3, middle: 6, long: 11 },
  run: ({ high, low, close }, [out], { short, middle, long }, ordinal) =>
    ultimateOscillator(high, low, close, { short: short!, middle: middle!, long: long! }, out!, { ordinal }),
});

describeWindowedBars("chandeMomentumOscillator", {
  columns: ["close"],
  lookBack: 9,
  outputs: { out: 9 },
  periods: { period: 9 },
  run: ({ close }, [out], { period }, ordinal) => chandeMomentumOscillator(close, period!, out!, { ordinal }),
});

describeWindowedBars("awesomeOscillator", {
  columns: ["high", "low"],
  lookBack: 12,
  outputs: { out: 12, percentOut: 12 },
  periods: { fast: 4, slow: 13 },
  run: ({ high, low }, [out, percent], { fast, slow }, ordinal) =>
    awesomeOscillator(high, low, { fast: fast!, slow: slow! }, out!, percent!, { ordinal }),
});

describeWindowedBars("detrendedPriceOscillator", {
  columns: ["close"],
  lookBack: 8,
  outputs: { out: 8 },
  periods: { period: 9 },
  run: ({ close }, [out], { period }, ordinal) => detrendedPriceOscillator(close, period!, out!, { ordinal }),
});

describeWindowedBars("balanceOfPower", {
  columns: ["open", "high", "low", "close"],
  lookBack: 5,
  outputs: { out: 5 },
  periods: { period: 6 },
  run: (bars, [out], { period }, ordinal) => balanceOfPower(bars, period!, out!, { ordinal }),
});

describeWindowedBars("choppinessIndex", {
  columns: PRICES,
  lookBack: 7,
  outputs: { out: 7 },
  periods: { period: 7 },
  run: ({ high, low, close }, [out], { period }, ordinal) =>
    choppinessIndex(high, low, close, period!, out!, { ordinal }),
});

describeWindowedBars("ulcerIndex", {
  columns: ["close"],
  lookBack: 6,
  outputs: { out: 6 },
  periods: { period: 7 },
  run: ({ close }, [out], { period }) => ulcerIndex(close, period!, out!),
});

describe("oscillators over windows", () => {
  const of = (...values: number[]) => Float64Array.from(values);
  const make = () => new Float64Array(4);
  const flat = of(5, 5, 5, 5);

  test("by hand", () => {
    const [high, low, close] = [of(10, 12, 11, 14), of(8, 9, 9, 10), of(9, 11, 10, 13)];
    const [one, two] = [make(), make()];
    stochastic(high, low, close, { period: 2, smooth: 1, signal: 2 }, one, two);
    expect([...one]).toEqual([NaN, 75, 100 * (1 / 3), 80]);
    expect(two[3]).toBeCloseTo((100 / 3 + 80) / 2, 12);
    williamsR(high, low, close, 2, one);
    expect([...one]).toEqual([NaN, -25, -100 * (2 / 3), -20]);
    rateOfChange(close, 2, one);
    expect([...one]).toEqual([NaN, NaN, 100 * (1 / 9), 100 * (2 / 11)]);
    chandeMomentumOscillator(close, 2, one);
    expect([...one]).toEqual([NaN, NaN, 100 * (1 / 3), 100 * (2 / 4)]);
    commodityChannelIndex(high, low, close, 2, one);
    expect(one[1]).toBeCloseTo(1 / 0.015, 9);
    detrendedPriceOscillator(close, 2, one);
    expect([...one]).toEqual([NaN, NaN, 9 - 10.5, 11 - 11.5]);
    ulcerIndex(of(10, 8, 12, 9), 3, one);
    expect(one[2]).toBeCloseTo(100 * Math.sqrt(0.2 ** 2 / 3), 12);
    expect(one[3]).toBeCloseTo(100 * Math.sqrt(0.25 ** 2 / 3), 12);
    awesomeOscillator(high, low, { fast: 1, slow: 2 }, one, two);
    expect([...one]).toEqual([NaN, 0.75, -0.25, 1]);
    expect([...two]).toEqual([NaN, 100 * (0.75 / 10.5), -2.5, 100 * (1 / 12)]);
    choppinessIndex(high, low, close, 2, one);
    expect(one[2]).toBeCloseTo(100 * Math.log2(5 / 3), 12);
    ultimateOscillator(high, low, close, { short: 1, middle: 2, long: 3 }, one);
    // Close minus the true low: 2, 1, 3; true ranges: 3, 2, 4.
    expect(one[3]).toBeCloseTo((100 * (4 * (3 / 4) + 2 * (4 / 6) + 6 / 9)) / 7, 12);
  });

  test("without a range are null, and 0 in the balance of power", () => {
    const [one, two] = [make(), make()];
    stochastic(flat, flat, flat, { period: 2, smooth: 1, signal: 1 }, one, two);
    expect([...new Set([...one, ...two])]).toEqual([NaN]);
    for (const compute of [
      () => williamsR(flat, flat, flat, 2, one),
      () => commodityChannelIndex(flat, flat, flat, 2, one),
      () => chandeMomentumOscillator(flat, 2, one),
      () => choppinessIndex(flat, flat, flat, 2, one),
      () => ultimateOscillator(flat, flat, flat, { short: 1, middle: 2, long: 3 }, one),
    ]) {
      compute();
      expect([...new Set(one)]).toEqual([NaN]);
    }
    balanceOfPower({ open: flat, high: flat, low: flat, close: flat }, 2, one);
    expect([...one]).toEqual([NaN, 0, 0, 0]);
    ulcerIndex(flat, 2, one);
    expect([...one]).toEqual([NaN, 0, 0, 0]);
  });

  test("a flat typical price that is no binary fraction has no commodity channel index", () => {
    const odd = new Float64Array(50).fill(0.1);
    const out = new Float64Array(50);
    for (const ordinal of [0, 1, 7]) {
      commodityChannelIndex(odd, odd, odd, 20, out, { ordinal });
      expect([...new Set(out)]).toEqual([NaN]);
    }
  });

  test("balanceOfPower() keeps a null in open or close of a bar without a range", () => {
    const out = make();
    balanceOfPower({ open: of(5, NaN, 5, 5), high: flat, low: flat, close: flat }, 1, out);
    expect([...out]).toEqual([0, NaN, 0, 0]);
  });

  test("rateOfChange() and ulcerIndex() are null on a base that is not there", () => {
    const out = make();
    rateOfChange(of(0, 1, 2, 3), 1, out);
    expect([...out]).toEqual([NaN, NaN, 100, 50]);
    ulcerIndex(of(0, 1, 2, 3), 2, out);
    expect([...out]).toEqual([NaN, NaN, 0, 0]);
  });
});
