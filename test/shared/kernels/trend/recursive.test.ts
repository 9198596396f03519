import { expect, test } from "vitest";
import {
  adx,
  adxStateLength,
  parabolicSar,
  parabolicSarStateLength,
  supertrend,
  supertrendStateLength,
} from "../../../../shared/kernels/index.ts";
import { describeRecursiveBars } from "../describe-recursive-bars.ts";
import { madeBars } from "../made-bars.ts";

describeRecursiveBars("adx", {
  stateLength: adxStateLength(7),
  columns: ["high", "low", "close"],
  outputs: { plusDi: 7, minusDi: 7, adx: 13, adxr: 20 },
  periods: { period: 7 },
  run: ({ high, low, close }, [plusDi, minusDi, index, adxr], { period }, state) =>
    adx(
      high,
      low,
      close,
      period!,
      { plusDi: plusDi!, minusDi: minusDi!, adx: index!, adxr: adxr! },
      { state },
    ),
});

describeRecursiveBars("parabolicSar", {
  stateLength: parabolicSarStateLength,
  columns: ["high", "low"],
  outputs: { sarOut: undefined, directionOut: undefined },
  periods: {},
  run: ({ high, low }, [sar, direction], _, state) =>
    parabolicSar(high, low, { step: 0.02, maximum: 0.2 }, sar!, direction!, { state }),
});

describeRecursiveBars("supertrend", {
  stateLength: supertrendStateLength,
  columns: ["high", "low", "close"],
  outputs: { out: 8, directionOut: 8 },
  periods: { period: 8 },
  run: ({ high, low, close }, [out, direction], { period }, state) =>
    supertrend(high, low, close, { period: period!, multiplier: 2 }, out!, direction!, { state }),
});

test("parabolicSar() is on the other side of prices than their direction, from its first turn on", () => {
  const { high, low } = madeBars(400, 2);
  const [sar, direction] = [new Float64Array(400), new Float64Array(400)];
  parabolicSar(high, low, { step: 0.02, maximum: 0.2 }, sar, direction);
  const first = sar.findIndex((value) => !Number.isNaN(value));
  expect(first).toBeGreaterThan(1);
  let turns = 0;
  for (let i = first; i < 400; i++) {
    const isTurn = i === first ? undefined : direction[i] !== direction[i - 1];
    if (isTurn === true) turns++;
    // At a turn, it is the extreme of the ended trend, which the turning bar itself may exceed.
    if (isTurn === false) expect(direction[i]! > 0 ? sar[i]! <= low[i]! : sar[i]! >= high[i]!).toBe(true);
  }
  expect(turns).toBeGreaterThan(10);
});

test.each([
  [0, 0.2],
  [-0.1, 0.2],
  [0.3, 0.2],
  [NaN, 0.2],
  [0.02, NaN],
  [0.02, Infinity],
])("parabolicSar() refuses the step %s with the maximum %s", (step, maximum) => {
  const two = new Float64Array(2);
  expect(() => parabolicSar(two, two, { step, maximum }, new Float64Array(2), new Float64Array(2))).toThrow(
    `Cannot compute parabolicSar: step is ${step} and maximum ${maximum}, expected a step above 0 and a maximum of at ` +
      "least the step.",
  );
});

test.each([0, -1, NaN, Infinity])("supertrend() refuses the multiplier %s", (multiplier) => {
  const two = new Float64Array(2);
  expect(() =>
    supertrend(two, two, two, { period: 2, multiplier }, new Float64Array(2), new Float64Array(2)),
  ).toThrow(`Cannot compute supertrend: multiplier is ${multiplier}, expected a number above 0.`);
});

test("adx() counts bars without movement as 0 and passes over those without any range", () => {
  const make = () => ({
    plusDi: new Float64Array(6),
    minusDi: new Float64Array(6),
    adx: new Float64Array(6),
    adxr: new Float64Array(6),
  });
  const [still, flat] = [make(), make()];
  const [two, one] = [new Float64Array(6).fill(2), new Float64Array(6).fill(1)];
  adx(two, one, one, 2, still);
  expect([...still.plusDi]).toEqual([NaN, NaN, 0, 0, 0, 0]);
  expect([...still.adx]).toEqual([NaN, NaN, NaN, 0, 0, 0]);
  expect([...still.adxr]).toEqual([NaN, NaN, NaN, NaN, NaN, 0]);
  adx(one, one, one, 2, flat);
  expect(Object.values(flat).flatMap((values) => [...new Set(values)])).toEqual([NaN, NaN, NaN, NaN]);
});
