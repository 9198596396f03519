import { defineFeature, float64, price } from "quiver";
import { resumeKernel, resumeKernelStateLength, splitState, stateLengthOf } from "quiver/kernels";
import { RECURSIVE, WINDOWED } from "./averages.ts";
import { type AveragesParams, columnOf, paramsOfAverages } from "./params.ts";

/**
 * Moving averages of the close, each over each of the periods: `sma_20`, `ema_20`, `sma_200` and so on; n is the
 * period, a = 2 / (n + 1), the first value at bar n - 1 unless said otherwise.
 *
 * Over windows, null wherever their window holds a null:
 * - `sma`: mean of n closes. `wma`: weights n for the newest down to 1.
 * - `hma`: wma over sqrt(n) of 2 * wma(n / 2) - wma(n), rounded down; from bar n + floor(sqrt(n)) - 2.
 * - `alma`: weights exp(-(j - offset (n - 1))^2 / (2 (n / sigma)^2)) for j = 0 (oldest) to n - 1.
 * - `epma`: end of the straight line fitted to n closes by least squares, 3 * wma - 2 * sma.
 *
 * Recursive, null at a null close and otherwise as if its bar were absent:
 * - `ema`: (1 - a) * ema before + a * close. `smma`: the same with a = 1 / n (Wilder's).
 * - `dema`: 2 * e1 - e2, `tema`: 3 * e1 - 3 * e2 + e3, where e1 is the ema and each further one that of the one before.
 *   All begin together (TA-Lib lets each wait for n values of the one before).
 * - `t3`: -v^3 e6 + 3 (v^2 + v^3) e5 - 3 (v + 2 v^2 + v^3) e4 + (1 + v)^3 e3 with v the factor; all six begin with the
 *   first close, so from bar 0.
 * - `kama`: kama before + c * (close - kama before), c = (er (f - s) + s)^2 with f = 2 / (fast + 1), s = 2 / (slow + 1)
 *   and er = |change over n bars| / sum of |changes| over n bars, 0 where nothing moved. Begins with the close of bar
 *   n - 1. The warm-up declared is the longest, that of a price that gets nowhere.
 *
 * `seeding` is how ema, smma, dema and tema begin: `mean` of the first n closes, or with the `first`, from bar 0.
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

/** One column for each average over each period, those over the same period side by side. */
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

/** Bars before its own that any of the averages over windows needs. */
function lookBackOf(params: AveragesParams): number {
  return Math.max(
    0,
    ...columnsOf(params).map(({ average, period }) => WINDOWED[average]?.lookBack(period) ?? 0),
  );
}

/** What is carried from bar to bar: the last closes for all windows together, and each recursion. */
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
