import { defineFeature, float64, price } from "quiver";
import { resumeKernel, resumeKernelStateLength, splitState, stateLengthOf } from "quiver/kernels";
import { RECURSIVE, WINDOWED } from "./averages.ts";
import { type AveragesParams, columnOf, paramsOfAverages } from "./params.ts";

/**
 * Moving averages of the close, one column for each average and period: `sma_20`, `ema_20`, `sma_200` and so on. Below, n
 * is the period and a = 2 / (n + 1). Values begin at bar n - 1 unless stated otherwise.
 *
 * Over windows, null while the window holds a null:
 * - `sma`: mean of n closes. `wma`: weights n for the newest down to 1.
 * - `hma`: wma over sqrt(n) of 2 * wma(n / 2) - wma(n), rounded down; from bar n + floor(sqrt(n)) - 2.
 * - `alma`: weights exp(-(j - offset (n - 1))^2 / (2 (n / sigma)^2)) for j = 0 (oldest) to n - 1.
 * - `epma`: end point of the least-squares line through n closes, 3 * wma - 2 * sma.
 *
 * Recursive, null at a null close; later values are as if its bar were absent:
 * - `ema`: (1 - a) * previous ema + a * close. `smma`: the same with a = 1 / n (Wilder's).
 * - `dema`: 2 * e1 - e2. `tema`: 3 * e1 - 3 * e2 + e3. Here e1 is the ema, e2 the ema of e1, and so on. All begin together
 *   (in TA-Lib, each waits for n values of the one before).
 * - `t3`: -v^3 e6 + 3 (v^2 + v^3) e5 - 3 (v + 2 v^2 + v^3) e4 + (1 + v)^3 e3, where v is the factor. All six averages begin
 *   with the first close, so values begin at bar 0.
 * - `kama`: previous kama + c * (close - previous kama), c = (er (f - s) + s)^2 with f = 2 / (fast + 1), s = 2 / (slow + 1)
 *   and er = |change over n bars| / sum of |changes| over n bars, or 0 if nothing moved. It begins with the close of bar
 *   n - 1. The declared warm-up is the longest, that of a price without direction.
 *
 * `seeding` decides how ema, smma, dema and tema begin: with the `mean` of the first n closes, or with the `first` close,
 * at bar 0.
 */
export default defineFeature({
  description:
    "Moving averages of the close: SMA, EMA, WMA, DEMA, TEMA, HMA, KAMA, T3 and more, over any periods",
  source:
    "Mulloy, 1994; Kaufman, Smarter Trading, 1995; Tillson, Better Moving Averages, 1998; Hull, 2005; Legoux, 2009",
  params: paramsOfAverages,
  inputs: { bars: { close: float64 } },
  outputs: (params) => Object.fromEntries(columnsOf(params).map(({ name }) => [name, price])),
  memory: { stateLength: (params) => stateLengthOf(stateLengthsOf(params)) },
  warmUp: (params) =>
    Math.ceil(Math.max(lookBackOf(params), ...columnsOf(params).map(({ warmUp }) => warmUp))),
  handler({ bars: { close } }, out, { params, state, ordinal }) {
    const { windows, ...recursive } = splitState(state, stateLengthsOf(params));
    const columns = columnsOf(params);
    const windowed = columns.flatMap(({ name, period, average }) => {
      const { run } = WINDOWED[average] ?? {};
      return run === undefined ? [] : [{ out: out[name]!, period, run }];
    });
    const outs = windowed.map((column) => column.out);
    resumeKernel([close], lookBackOf(params), ordinal, windows!, outs, ([closes], longer, first) => {
      windowed.forEach(({ run, period }, i) => run(closes!, period, longer[i]!, params, first));
    });
    for (const { name, period, average } of columns) {
      RECURSIVE[average]?.run(close, period, out[name]!, params, recursive[name]!);
    }
  },
});

/** One column for each average and period, grouped by period. */
function columnsOf(params: AveragesParams) {
  return params.periods.flatMap((period) =>
    params.averages.map((average) => ({
      name: columnOf(average, period),
      period,
      average,
      warmUp: RECURSIVE[average]?.warmUp(period, params) ?? 0,
    })),
  );
}

/** The number of earlier bars that the windowed averages need. */
function lookBackOf(params: AveragesParams): number {
  return Math.max(
    0,
    ...columnsOf(params).map(({ average, period }) => WINDOWED[average]?.lookBack(period) ?? 0),
  );
}

/** Lengths of the state: the last closes, shared by all windows, and each recursive average. */
function stateLengthsOf(params: AveragesParams): Readonly<Record<string, number>> {
  return {
    windows: resumeKernelStateLength(1, lookBackOf(params)),
    ...Object.fromEntries(
      columnsOf(params).map(({ name, average, period }) => [
        name,
        RECURSIVE[average]?.stateLength(period) ?? 0,
      ]),
    ),
  };
}
