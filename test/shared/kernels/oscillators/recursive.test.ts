import { describe, expect, test } from "vitest";
import {
  elderRay,
  elderRayStateLength,
  fisherTransform,
  fisherTransformStateLength,
  priceMomentum,
  priceMomentumStateLength,
  stochasticMomentum,
  stochasticMomentumStateLength,
  stochasticRsi,
  stochasticRsiStateLength,
  trix,
  trixStateLength,
  trueStrength,
  trueStrengthStateLength,
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

describeRecursiveBars("trueStrength", {
  stateLength: trueStrengthStateLength,
  columns: CLOSE,
  outputs: { tsiOut: 14, signalOut: 17 },
  periods: { long: 9, short: 6, signal: 4 },
  run: ({ close }, [tsi, line], { long, short, signal }, state) =>
    trueStrength(close, { long: long!, short: short!, signal: signal! }, tsi!, line!, state),
});

describeRecursiveBars("elderRay", {
  stateLength: elderRayStateLength,
  columns: CLOSE,
  outputs: { bullOut: 6, bearOut: 6 },
  periods: { period: 7 },
  run: ({ high, low, close }, [bull, bear], { period }, state) =>
    elderRay(high, low, close, period!, bull!, bear!, state),
});

describeRecursiveBars("priceMomentum", {
  stateLength: priceMomentumStateLength,
  columns: CLOSE,
  outputs: { out: 12, signalOut: 15 },
  periods: { first: 8, second: 5, signal: 4 },
  run: ({ close }, [pmo, line], { first, second, signal }, state) =>
    priceMomentum(close, { first: first!, second: second!, signal: signal! }, pmo!, line!, state),
});

const MOMENTUM = { period: 6, first: 5, second: 3, signal: 4 };
describeRecursiveBars("stochasticMomentum", {
  stateLength: stochasticMomentumStateLength(MOMENTUM),
  columns: ["high", "low", "close"],
  outputs: { out: 5, signalOut: 5 },
  periods: MOMENTUM,
  run: ({ high, low, close }, [smi, line], { period, first, second, signal }, state) =>
    stochasticMomentum(
      high,
      low,
      close,
      { period: period!, first: first!, second: second!, signal: signal! },
      smi!,
      line!,
      state,
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
      state,
    ),
});

describeRecursiveBars("fisherTransform", {
  stateLength: fisherTransformStateLength(7),
  columns: ["high", "low"],
  outputs: { out: 0 },
  periods: { period: 7 },
  run: ({ high, low }, [out], { period }, state) => fisherTransform(high, low, period!, out!, state),
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

  test("trueStrength() is 100 while prices rise, -100 while they fall, null before anything moves", () => {
    const [tsi, line] = [of(12), of(12)];
    const params = { long: 3, short: 2, signal: 2 };
    trueStrength(
      Float64Array.from({ length: 12 }, (_, i) => i * i),
      params,
      tsi,
      line,
    );
    expect(new Set(tsi.subarray(4))).toEqual(new Set([100]));
    expect(new Set(line.subarray(5))).toEqual(new Set([100]));
    trueStrength(
      Float64Array.from({ length: 12 }, (_, i) => -i * i),
      params,
      tsi,
      line,
    );
    expect(new Set(tsi.subarray(4))).toEqual(new Set([-100]));
    trueStrength(of(12).fill(5), params, tsi, line);
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

  test("priceMomentum() takes a zero as absent", () => {
    const [out, line, wanted] = [of(9), of(9), of(8)];
    const params = { first: 2, second: 2, signal: 1 };
    priceMomentum(Float64Array.of(10, 11, 0, 12, 12, 13, 15, 14, 16), params, out, line);
    priceMomentum(Float64Array.of(10, 11, 12, 12, 13, 15, 14, 16), params, wanted, of(8));
    expect([...out]).toEqual([...wanted.subarray(0, 2), NaN, ...wanted.subarray(2)]);
    expect(out[8]).not.toBeNaN();
  });

  test("elderRay() is null where its own price is, and its average goes on", () => {
    const [bull, bear] = [of(3), of(3)];
    const none = Float64Array.of(NaN, NaN, 6);
    elderRay(none, Float64Array.of(1, 2, 3), Float64Array.of(2, 4, 4), 2, bull, bear);
    expect([...bull]).toEqual([NaN, NaN, 6 - (3 + (2 / 3) * (4 - 3))]);
    expect(bear[1]).toBe(-1);
  });

  test("stochasticMomentum() is null without a range, fisherTransform() 0", () => {
    const flat = of(15).fill(7);
    const [out, line] = [of(15), of(15)];
    const params = { period: 3, first: 2, second: 2, signal: 2 };
    stochasticMomentum(flat, flat, flat, params, out, line);
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
