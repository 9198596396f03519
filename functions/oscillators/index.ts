import { defineFeature, float64, price, ratio } from "quiver";
import { resumeKernel, splitState, stateLengthOf } from "quiver/kernels";
import { lookBackOf, stateLengthsOf } from "./memory.ts";
import { paramsOfOscillators } from "./params.ts";
import { writeRecursive } from "./write-recursive.ts";
import { WINDOWED_COLUMNS, writeWindowed } from "./write-windowed.ts";

/**
 * Oscillators of the price, in one pass over open, high, low and close; n is the period of each. "From" names the bar of
 * the first value.
 *
 * Over windows, null while the window holds a null or has no range:
 * - `stoch_k`: 100 * (close - lowest low) / (highest high - lowest low), averaged over `stoch_smooth` bars, from
 *   n + smooth - 2. `stoch_d`: its mean over `stoch_signal` bars. `stoch_j`: 3 * k - 2 * d.
 * - `williams_r`: -100 * (highest high - close) / (highest high - lowest low), from n - 1.
 * - `cci`: (typical price - its mean) / (0.015 * its mean absolute deviation), from n - 1.
 * - `roc`: change over n bars in percent, from n. `momentum`: the change itself.
 * - `ultimate`: 100 * (4 a + 2 b + c) / 7, where a, b and c are the sum of close - min(low, close before) divided by the
 *   sum of the true range, over the short, middle and long period; from the longest period.
 * - `cmo`: 100 * (rises - falls) / (rises + falls), summed over n changes, from n.
 * - `awesome`: mean of (high + low) / 2 over the fast window minus that over the slow window, from the longer window - 1.
 *   `awesome_percent`: the same in percent of the middle price.
 * - `dpo`: close n/2 + 1 bars before minus the mean of n closes, from n - 1. It is not displaced, so nothing comes from the
 *   future.
 * - `bop`: mean of (close - open) / (high - low), from n - 1. A bar without a range counts as 0.
 * - `chop`: 100 * ln(sum of true ranges / true range of the whole window) / ln(n), from n.
 * - `ulcer`: root mean square of the drawdowns in percent within the window, from n - 1.
 *
 * Recursive, null at a bar with a null; later values are as if that bar were absent:
 * - `stoch_rsi`: the stochastic oscillator of Wilder's RSI over `stoch_rsi_period` of its values, averaged over
 *   `stoch_rsi_smooth`, from the sum of the three periods - 2. `stoch_rsi_signal`: its mean over `stoch_rsi_signal` values.
 * - `trix`: change in percent of the triple exponential average, from n. The averages begin with the mean of n closes.
 * - `tsi`: 100 * smoothed change / smoothed absolute change, both smoothed twice exponentially, from long + short - 1.
 *   `tsi_signal`: its exponential average, from long + short + signal - 2.
 * - `bull_power`, `bear_power`: high (low) minus the exponential average of the close, from n - 1.
 * - `connors_rsi`: mean of three values: the RSI of the close, the RSI of the streak of rises or falls, and the percentage of
 *   the last `connors_rank_period` changes that were smaller than this one; from the rank's period + 1. A close that is
 *   not positive counts as null.
 * - `ppo`: MACD in percent of the slow average, from slow - 1. `ppo_signal`: its exponential average. `ppo_hist`: the
 *   difference. Both from slow + signal - 2.
 * - `pmo`: ten times the change in percent, smoothed with 2 / first and 2 / second, from first + second - 1.
 *   `pmo_signal`: its exponential average, from first + second + signal - 2.
 * - `smi`: 100 * distance of the close from the middle of the range / half the range, both smoothed twice, from n - 1.
 *   `smi_signal`: its exponential average, from the same bar.
 * - `fisher`: Fisher transform of the position of (high + low) / 2 within its range, from bar 0.
 */
export default defineFeature({
  description: "Stochastic, StochRSI, Williams %R, CCI, ROC, TRIX, Ultimate, CMO, Awesome, TSI and more",
  source:
    "Lane, 1984; Chande and Kroll, The New Technical Trader, 1994; Lambert, 1980; Blau, 1991; Williams, 1985",
  params: paramsOfOscillators,
  inputs: { bars: { open: float64, high: float64, low: float64, close: float64 } },
  outputs: {
    stoch_k: ratio,
    stoch_d: ratio,
    stoch_j: ratio,
    stoch_rsi: ratio,
    stoch_rsi_signal: ratio,
    williams_r: ratio,
    cci: ratio,
    roc: ratio,
    momentum: price,
    trix: ratio,
    ultimate: ratio,
    cmo: ratio,
    awesome: price,
    awesome_percent: ratio,
    tsi: ratio,
    tsi_signal: ratio,
    dpo: price,
    bop: ratio,
    chop: ratio,
    ulcer: ratio,
    bull_power: price,
    bear_power: price,
    connors_rsi: ratio,
    ppo: ratio,
    ppo_signal: ratio,
    ppo_hist: ratio,
    pmo: ratio,
    pmo_signal: ratio,
    smi: ratio,
    smi_signal: ratio,
    fisher: ratio,
  },
  memory: { stateLength: (params) => stateLengthOf(stateLengthsOf(params)) },
  warmUp: (params) =>
    Math.max(
      lookBackOf(params),
      28 * params.rsi_period + params.stoch_rsi_period + params.stoch_rsi_smooth + params.stoch_rsi_signal,
      17 * (params.trix_period + 1),
      12 * (params.tsi_long + params.tsi_short + params.tsi_signal),
      13 * (params.elder_period + 1),
      params.connors_rank_period + 25 * Math.max(params.connors_rsi_period, params.connors_streak_period),
      12 * (Math.max(params.ppo_fast, params.ppo_slow) + params.ppo_signal),
      12 * (params.pmo_first + params.pmo_second + params.pmo_signal),
      params.smi_period + 12 * (params.smi_first + params.smi_second + params.smi_signal),
      params.fisher_period + 70,
    ),
  handler({ bars }, out, { params, state, ordinal }) {
    const parts = splitState(state, stateLengthsOf(params));
    writeRecursive(bars, out, params, parts);
    const columns = WINDOWED_COLUMNS.map((name) => out[name]);
    const inputs = [bars.open, bars.high, bars.low, bars.close];
    resumeKernel(inputs, lookBackOf(params), ordinal, parts.bars, columns, (longer, outputs, first) => {
      const [open, high, low, close] = longer;
      writeWindowed(
        { open: open!, high: high!, low: low!, close: close! },
        (name) => outputs[WINDOWED_COLUMNS.indexOf(name)]!,
        params,
        first,
      );
    });
  },
});
