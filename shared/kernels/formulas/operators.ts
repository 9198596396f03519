import { wma } from "../averages/wma.ts";
import { scaleToUnit } from "../cross-section/scale-to-unit.ts";
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
import { EACH, type Each } from "./each-operators.ts";
import type { RankOnGrid } from "./rank-on-grid.ts";
import { roundToDigits, roundToGrid } from "./rounding.ts";

type Values = Float64Array;

interface Series {
  readonly operands: number;
  /** Number of bars before a row that its value depends on. */
  readonly lookBack: (period: number) => number;
  readonly run: (out: Values, window: Window, x: Values, y: Values) => void;
}

interface Window {
  readonly period: number;
  /** Absolute ordinal of row 0. */
  readonly ordinal: number;
  /** An array as long as the operands that the operator may overwrite. */
  readonly scratch: Values;
}

/**
 * Operators over the last `period` bars of one symbol, or against the bar `period` bars earlier; null where one of
 * these bars is null. Ordering ignores differences caused by rounding alone: see `rounding.ts`.
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

/** Operators over all symbols at one moment. */
const CROSS = {
  rank: (out: Values, x: Values, rank: RankOnGrid) => rank(x, out),
  scale: (out: Values, x: Values) => scaleToUnit(x, out),
};

export type EachOperator = keyof typeof EACH;
export type SeriesOperator = keyof typeof SERIES;
export type CrossOperator = keyof typeof CROSS;

export const isEachOperator = (name: string): name is EachOperator => Object.hasOwn(EACH, name);
export const isSeriesOperator = (name: string): name is SeriesOperator => Object.hasOwn(SERIES, name);
export const isCrossOperator = (name: string): name is CrossOperator => Object.hasOwn(CROSS, name);

/** Series operators take a period in addition. */
export function operandCount(operator: EachOperator | SeriesOperator | CrossOperator): number {
  if (isCrossOperator(operator)) return 1;
  return isEachOperator(operator) ? EACH[operator].operands : SERIES[operator].operands;
}

export const eachOperator = (name: EachOperator): Each => EACH[name];
export const seriesOperator = (name: SeriesOperator): Series => SERIES[name];
export const crossOperator = (name: CrossOperator) => CROSS[name];

function overWindow(run: Series["run"]): Series {
  return { operands: 1, lookBack: (period) => period - 1, run };
}

function productOf(out: Values, period: number, x: Values): void {
  for (let i = 0; i < out.length; i++) {
    let product = i < period - 1 ? NaN : 1;
    for (let j = Math.max(i - period + 1, 0); j <= i; j++) product *= x[j]!;
    out[i] = product;
  }
}
