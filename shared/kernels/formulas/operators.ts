import { wma } from "../averages/wma.ts";
import { scaleToUnit } from "../cross-section/scale-to-unit.ts";
import { exp } from "../math/exp.ts";
import { log } from "../math/log.ts";
import { change } from "../returns/change.ts";
import { barsSinceMax } from "../rolling/bars-since-max.ts";
import { barsSinceMin } from "../rolling/bars-since-min.ts";
import { rollingCorrelation } from "../rolling/rolling-correlation.ts";
import { rollingCovariance } from "../rolling/rolling-covariance.ts";
import { rollingMax } from "../rolling/rolling-max.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";
import { rollingMin } from "../rolling/rolling-min.ts";
import { rollingRank } from "../rolling/rolling-rank.ts";
import { rollingStd } from "../rolling/rolling-std.ts";
import { rollingSum } from "../rolling/rolling-sum.ts";
import { rankOnGrid } from "./rank-on-grid.ts";
import { roundToDigits, roundToGrid } from "./rounding.ts";

type Values = Float64Array;

interface Each {
  readonly operands: number;
  readonly run: (out: Values, x: Values, y: Values, z: Values) => void;
}

interface Series {
  readonly operands: number;
  /** Bars before a row that its value depends on. */
  readonly lookBack: (period: number) => number;
  readonly run: (out: Values, window: Window, x: Values, y: Values) => void;
}

interface Window {
  readonly period: number;
  /** Absolute ordinal of row 0. */
  readonly ordinal: number;
  /** As long as the operands, free to be written to. */
  readonly scratch: Values;
}

/**
 * Row by row. Null wherever an operand is, where a quotient's divisor is zero, where a logarithm's operand is not
 * positive, and where a power has no finite value. Conditions are 1 or 0.
 */
const EACH = {
  plus: two((x, y) => x + y),
  minus: two((x, y) => x - y),
  times: two((x, y) => x * y),
  over: two((x, y) => (y === 0 ? NaN : x / y)),
  power: two(powerOf),
  signedpower: two((x, y) => (x < 0 ? -powerOf(-x, y) : powerOf(x, y))),
  less: two((x, y) => (x < y ? 1 : x >= y ? 0 : NaN)),
  greater: two((x, y) => (x > y ? 1 : x <= y ? 0 : NaN)),
  equals: two((x, y) => (x === y ? 1 : x !== x || y !== y ? NaN : 0)),
  or: two((x, y) => (x !== x || y !== y ? NaN : x !== 0 || y !== 0 ? 1 : 0)),
  min: two((x, y) => (x !== x || y !== y ? NaN : x < y ? x : y)),
  max: two((x, y) => (x !== x || y !== y ? NaN : x > y ? x : y)),
  abs: one(Math.abs),
  sign: one((x) => (x > 0 ? 1 : x < 0 ? -1 : x - x)),
  log: one((x) => (x > 0 ? log(x) : NaN)),
  choose: {
    operands: 3,
    run(out, condition, then, otherwise) {
      for (let i = 0; i < out.length; i++) {
        const chosen = condition[i]!;
        out[i] = chosen === 1 ? then[i]! : chosen === 0 ? otherwise[i]! : NaN;
      }
    },
  },
} satisfies Record<string, Each>;

/**
 * Over the last `period` bars of one symbol, or against the bar `period` bars before; null where one of them is. Places in
 * an order do not tell apart what rounding alone does: see `rounding.ts`.
 */
const SERIES = {
  delay: {
    operands: 1,
    lookBack: (period) => period,
    run(out, { period }, x) {
      out.fill(NaN, 0, period);
      out.set(x.subarray(0, Math.max(x.length - period, 0)), Math.min(period, x.length));
    },
  },
  delta: {
    operands: 1,
    lookBack: (period) => period,
    run: (out, { period }, x) => change(x, period, out),
  },
  sum: overWindow((out, { period, ordinal }, x) => rollingSum(x, period, out, { ordinal })),
  mean: overWindow((out, { period, ordinal }, x) => rollingMean(x, period, out, { ordinal })),
  stddev: overWindow((out, { period, ordinal }, x) => rollingStd(x, period, out, { ordinal, ddof: 1 })),
  product: overWindow((out, { period }, x) => productOf(out, period, x)),
  ts_min: overWindow((out, { period }, x) => rollingMin(x, period, out)),
  ts_max: overWindow((out, { period }, x) => rollingMax(x, period, out)),
  ts_rank: overWindow((out, { period, scratch }, x) => {
    roundToDigits(x, scratch);
    rollingRank(scratch, period, out);
  }),
  ts_argmax: overWindow((out, { period, scratch }, x) => {
    roundToDigits(x, scratch);
    barsSinceMax(scratch, period, out);
    for (let i = 0; i < out.length; i++) out[i] = period - out[i]!;
  }),
  ts_argmin: overWindow((out, { period, scratch }, x) => {
    roundToDigits(x, scratch);
    barsSinceMin(scratch, period, out);
    for (let i = 0; i < out.length; i++) out[i] = period - out[i]!;
  }),
  decay_linear: overWindow((out, { period, ordinal }, x) => wma(x, period, out, { ordinal })),
  correlation: {
    operands: 2,
    lookBack: (period) => period - 1,
    run(out, { period, ordinal, scratch }, x, y) {
      rollingCorrelation(x, y, period, scratch, { ordinal });
      roundToGrid(scratch, 1, out);
    },
  },
  covariance: {
    operands: 2,
    lookBack: (period) => period - 1,
    run: (out, { period, ordinal }, x, y) => rollingCovariance(x, y, period, out, { ordinal, ddof: 1 }),
  },
} satisfies Record<string, Series>;

/** Over all symbols of one moment; `scratch` has the length of the others. */
const CROSS = {
  rank: (out: Values, x: Values, scratch: Values) => rankOnGrid(x, out, scratch),
  scale: (out: Values, x: Values) => scaleToUnit(x, out),
};

export type EachOperator = keyof typeof EACH;
export type SeriesOperator = keyof typeof SERIES;
export type CrossOperator = keyof typeof CROSS;

export const isEachOperator = (name: string): name is EachOperator => Object.hasOwn(EACH, name);
export const isSeriesOperator = (name: string): name is SeriesOperator => Object.hasOwn(SERIES, name);
export const isCrossOperator = (name: string): name is CrossOperator => Object.hasOwn(CROSS, name);

/** Series operators have a period besides. */
export function operandCount(operator: EachOperator | SeriesOperator | CrossOperator): number {
  if (isCrossOperator(operator)) return 1;
  return isEachOperator(operator) ? EACH[operator].operands : SERIES[operator].operands;
}

export const eachOperator = (name: EachOperator): Each => EACH[name];
export const seriesOperator = (name: SeriesOperator): Series => SERIES[name];
export const crossOperator = (name: CrossOperator) => CROSS[name];

function one(apply: (x: number) => number): Each {
  return {
    operands: 1,
    run(out, x) {
      for (let i = 0; i < out.length; i++) out[i] = apply(x[i]!);
    },
  };
}

function two(apply: (x: number, y: number) => number): Each {
  return {
    operands: 2,
    run(out, x, y) {
      for (let i = 0; i < out.length; i++) out[i] = apply(x[i]!, y[i]!);
    },
  };
}

function overWindow(run: Series["run"]): Series {
  return { operands: 1, lookBack: (period) => period - 1, run };
}

/** Whole exponents by multiplication, others of positive numbers through logarithm and exponential. */
function powerOf(x: number, y: number): number {
  if (x !== x || y !== y) return NaN;
  let result = 1;
  if (Number.isInteger(y) && Math.abs(y) <= 16) {
    for (let i = Math.abs(y); i > 0; i--) result *= x;
    result = y < 0 ? 1 / result : result;
  } else if (y === 0.5) result = Math.sqrt(x);
  else if (x > 0) result = exp(y * log(x));
  else result = x === 0 && y > 0 ? 0 : NaN;
  return result - result === 0 ? result : NaN;
}

function productOf(out: Values, period: number, x: Values): void {
  for (let i = 0; i < out.length; i++) {
    let product = i < period - 1 ? NaN : 1;
    for (let j = Math.max(i - period + 1, 0); j <= i; j++) product *= x[j]!;
    out[i] = product;
  }
}
