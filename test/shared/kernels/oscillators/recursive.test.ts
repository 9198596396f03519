import { describe, expect, test } from "vitest";
import {
  connorsRsi,
  connorsRsiStateLength,
  elderRay,
  elderRayStateLength,
  fisherTransform,
  fisherTransformStateLength,
  percentageOscillator,
  percentageOscillatorStateLength,
  priceMomentumOscillator,
  priceMomentumOscillatorStateLength,
  stochasticMomentumIndex,
  stochasticMomentumIndexStateLength,
  stochasticRsi,
  stochasticRsiStateLength,
  trix,
  trixStateLength,
  trueStrengthIndex,
  trueStrengthIndexStateLength,
} from "../../../../shared/kernels/index.ts";
import { describeRecursiveBars } from "../describe-recursive-bars.ts";

const CLOSE = ["close"] as const;

describeRecursiveBars("trix", {
  stateLength: trixStateLength,
  columns: CLOSE,
  outputs: { out: 5 },
  periods: { period: 5 },
  run: ({ close }, [out], { period }, state) => trix(close, period!, out!, { state }),
});

describeRecursiveBars("trueStrengthIndex", {
  stateLength: trueStrengthIndexStateLength,
  columns: CLOSE,
  outputs: { tsiOut: 14, signalOut: 17 },
  periods: { long: 9, short: 6, signal: 4 },
  run: ({ close }, [tsi, line], { long, short, signal }, state) =>
    trueStrengthIndex(close, { long: long!, short: short!, signal: signal! }, tsi!, line!, { state }),
});

describeRecursiveBars("elderRay", {
  stateLength: elderRayStateLength,
  columns: CLOSE,
  outputs: { bullOut: 6, bearOut: 6 },
  periods: { period: 7 },
  run: ({ high, low, close }, [bull, bear], { period }, state) =>
    elderRay(high, low, close, period!, bull!, bear!, { state }),
});

describeRecursiveBars("priceMomentumOscillator", {
  stateLength: priceMomentumOscillatorStateLength,
  columns: CLOSE,
  outputs: { out: 12, signalOut: 15 },
  periods: { first: 8, second: 5, signal: 4 },
  run: ({ close }, [pmo, line], { first, second, signal }, state) =>
    priceMomentumOscillator(close, { first: first!, second: second!, signal: signal! }, pmo!, line!, {
      state,
    }),
});

const MOMENTUM = { period: 6, first: 5, second: 3, signal: 4 };
describeRecursiveBars("stochasticMomentumIndex", {
  stateLength: stochasticMomentumIndexStateLength(MOMENTUM),
  columns: ["high", "low", "close"],
  outputs: { out: 5, signalOut: 5 },
  periods: MOMENTUM,
  run: ({ high, low, close }, [smi, line], { period, first, second, signal }, state) =>
    stochasticMomentumIndex(
      high,
      low,
      close,
      { period: period!, first: first!, second: second!, signal: signal! },
      smi!,
      line!,
      { state },
    ),
});

const STOCH_RSI = { rsiPeriod: 5, period: 6, smooth: 3, signal: 4 };
describeRecursiveBars("stochasticRsi", {
  stateLength: stochasticRsiStateLength(STOCH_RSI),
  columns: CLOSE,
  outputs: { out: 12, signalOut: 15 },
  periods: STOCH_RSI,
  run: ({ close }, [line, average], { rsiPeriod, period, smooth, signal }, state) =>
    stochasticRsi(
      close,
      { rsiPeriod: rsiPeriod!, period: period!, smooth: smooth!, signal: signal! },
      line!,
      average!,
      { state },
    ),
});

describeRecursiveBars("fisherTransform", {
  stateLength: fisherTransformStateLength(7),
  columns: ["high", "low"],
  outputs: { out: 0 },
  periods: { period: 7 },
  run: ({ high, low }, [out], { period }, state) => fisherTransform(high, low, period!, out!, { state }),
});

const CONNORS = { rsiPeriod: 3, streakPeriod: 2, rankPeriod: 12 };
describeRecursiveBars("connorsRsi", {
  stateLength: connorsRsiStateLength(CONNORS),
  columns: CLOSE,
  outputs: { out: 13 },
  periods: CONNORS,
  run: ({ close }, [out], { rsiPeriod, streakPeriod, rankPeriod }, state) =>
    connorsRsi(close, { rsiPeriod: rsiPeriod!, streakPeriod: streakPeriod!, rankPeriod: rankPeriod! }, out!, {
      state,
    }),
});

describeRecursiveBars("percentageOscillator", {
  stateLength: percentageOscillatorStateLength,
  columns: CLOSE,
  outputs: { out: 8, signalOut: 11, histogramOut: 11 },
  periods: { fast: 4, slow: 9, signal: 4 },
  run: ({ close }, [out, line, histogram], { fast, slow, signal }, state) =>
    percentageOscillator(close, { fast: fast!, slow: slow!, signal: signal! }, out!, line!, histogram!, {
      state,
    }),
});

describe("oscillators by hand", () => {
  const of = (length: number) => new Float64Array(length);

  test("trix() of two bars an average: seeded with 3, then thrice two thirds of what comes", () => {
    const out = of(4);
    trix(Float64Array.of(2, 4, 6, 6), 2, out);
    const [once, twice] = [5, 3 + (2 / 3) * 2];
    const thrice = 3 + (2 / 3) * (twice - 3);
    expect([...out.subarray(0, 2)]).toEqual([NaN, NaN]);
    expect(out[2]).toBeCloseTo(100 * (thrice / 3 - 1), 12);
    const next = twice + (2 / 3) * (once + (2 / 3) * (6 - once) - twice);
    expect(out[3]).toBeCloseTo((100 * ((2 / 3) * (next - thrice))) / thrice, 12);
  });

  test("trix() is null after an average of zero, and 0 while nothing moves", () => {
    const out = of(4);
    trix(Float64Array.of(-1, 1, 1, 1), 2, out);
    expect([...out].map(Number.isNaN)).toEqual([true, true, true, false]);
    trix(Float64Array.of(8, 8, 8, 8), 2, out);
    expect([...out]).toEqual([NaN, NaN, 0, 0]);
  });

  test("trueStrengthIndex() is 100 while prices rise, -100 while they fall, null before anything moves", () => {
    const [tsi, line] = [of(12), of(12)];
    const params = { long: 3, short: 2, signal: 2 };
    trueStrengthIndex(
      Float64Array.from({ length: 12 }, (_, i) => i * i),
      params,
      tsi,
      line,
    );
    expect(new Set(tsi.subarray(4))).toEqual(new Set([100]));
    expect(new Set(line.subarray(5))).toEqual(new Set([100]));
    trueStrengthIndex(
      Float64Array.from({ length: 12 }, (_, i) => -i * i),
      params,
      tsi,
      line,
    );
    expect(new Set(tsi.subarray(4))).toEqual(new Set([-100]));
    trueStrengthIndex(of(12).fill(5), params, tsi, line);
    expect([...new Set([...tsi, ...line])]).toEqual([NaN]);
  });

  test("stochasticRsi() is null while the RSI has no range or is null itself", () => {
    const [out, line] = [of(20), of(20)];
    const params = { rsiPeriod: 3, period: 3, smooth: 1, signal: 2 };
    stochasticRsi(
      Float64Array.from({ length: 20 }, (_, i) => i),
      params,
      out,
      line,
    );
    expect([...new Set([...out, ...line])]).toEqual([NaN]);
    stochasticRsi(of(20).fill(1), params, out, line);
    expect([...new Set([...out, ...line])]).toEqual([NaN]);
  });

  test("priceMomentumOscillator() takes a zero as absent", () => {
    const [out, line, wanted] = [of(9), of(9), of(8)];
    const params = { first: 2, second: 2, signal: 1 };
    priceMomentumOscillator(Float64Array.of(10, 11, 0, 12, 12, 13, 15, 14, 16), params, out, line);
    priceMomentumOscillator(Float64Array.of(10, 11, 12, 12, 13, 15, 14, 16), params, wanted, of(8));
    expect([...out]).toEqual([...wanted.subarray(0, 2), NaN, ...wanted.subarray(2)]);
    expect(out[8]).not.toBeNaN();
  });

  test("connorsRsi() by hand: the streak is broken by a standstill, equal changes are not smaller", () => {
    const out = of(6);
    const params = { rsiPeriod: 1, streakPeriod: 1, rankPeriod: 2 };
    // Changes 1, -1/2, 1, 1, 0 and streaks 0, 1, -1, 1, 2, 0: an RSI of one bar is 100 after a rise, 0 after a fall.
    connorsRsi(Float64Array.of(1, 2, 1, 2, 4, 4), params, out);
    expect([...out]).toEqual([NaN, NaN, NaN, (100 + 100 + 50) / 3, (100 + 100 + 50) / 3, NaN]);
  });

  test("connorsRsi() takes a value that is not positive as absent", () => {
    const [out, wanted] = [of(8), of(6)];
    const params = { rsiPeriod: 2, streakPeriod: 2, rankPeriod: 2 };
    connorsRsi(Float64Array.of(5, 0, 6, 4, -1, 7, 8, 6), params, out);
    connorsRsi(Float64Array.of(5, 6, 4, 7, 8, 6), params, wanted);
    expect([...out]).toEqual([wanted[0], NaN, wanted[1], wanted[2], NaN, ...wanted.subarray(3)]);
    expect(out[7]).not.toBeNaN();
  });

  test("percentageOscillator() is null where the slow average is zero", () => {
    const outs = [of(4), of(4), of(4)] as const;
    percentageOscillator(Float64Array.of(1, -1, 3, 5), { fast: 1, slow: 2, signal: 1 }, ...outs);
    expect([...outs[0].subarray(0, 3)]).toEqual([NaN, NaN, 100 * ((3 - 2) / 2)]);
    // An alpha of 2/3 has no exact double.
    expect(outs[0][3]).toBeCloseTo(100 * ((5 - 4) / 4), 12);
    expect([...outs[2]]).toEqual([NaN, NaN, 0, 0]);
  });

  test("elderRay() is null where its own price is, and its average goes on", () => {
    const [bull, bear] = [of(3), of(3)];
    const none = Float64Array.of(NaN, NaN, 6);
    elderRay(none, Float64Array.of(1, 2, 3), Float64Array.of(2, 4, 4), 2, bull, bear);
    expect([...bull]).toEqual([NaN, NaN, 6 - (3 + (2 / 3) * (4 - 3))]);
    expect(bear[1]).toBe(-1);
  });

  test("stochasticMomentumIndex() is null without a range, fisherTransform() 0", () => {
    const flat = of(15).fill(7);
    const [out, line] = [of(15), of(15)];
    const params = { period: 3, first: 2, second: 2, signal: 2 };
    stochasticMomentumIndex(flat, flat, flat, params, out, line);
    expect([...new Set([...out, ...line])]).toEqual([NaN]);
    fisherTransform(flat, flat, 3, out);
    expect([...out]).toEqual(Array.from({ length: 15 }, () => 0));
  });

  test("fisherTransform() keeps the smoothed place within 0.999", () => {
    const out = of(60);
    const rising = Float64Array.from(out, (_, i) => i);
    fisherTransform(rising, rising, 5, out);
    expect(out[59]).toBeCloseTo(Math.log(1.999 / 0.001), 9);
  });
});
