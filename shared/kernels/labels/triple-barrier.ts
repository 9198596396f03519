import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { BarPrices } from "../bar-prices.ts";

export interface TripleBarrierBars extends BarPrices {
  /** The relative barrier width for a multiple of 1, known at the bar of the decision. */
  readonly volatility: Float64Array;
}

export interface TripleBarrierOptions {
  /** The price of the next bar at which the trade is entered. */
  readonly entry: "open" | "close";
  /** Barrier distance in multiples of the volatility; 0 means no barrier on that side. */
  readonly upper: number;
  readonly lower: number;
  /** The maximum number of whole bars the trade is held. */
  readonly horizon: number;
}

export interface TripleBarrierOutputs {
  /** 1 if the upper barrier was met first, -1 if the lower one was, 0 if neither. */
  readonly label: Float64Array;
  /** Return from entry to exit. */
  readonly exitReturn: Float64Array;
  /** Number of bars held, including the exit bar. */
  readonly held: Float64Array;
}

/**
 * Determines which of three barriers a long trade meets first. The trade is decided at bar `t` and entered at the open
 * (or close) of bar `t + 1`, at price `p`. The barriers lie at `p * (1 + upper * volatility[t])`, `p * (1 - lower *
 * volatility[t])` and after `horizon` whole bars (when entered at the open, the entry bar is the first of them). It
 * looks ahead: a label, never a feature.
 *
 * - A bar that opens beyond a barrier meets it at its open. Otherwise a bar whose high or low reaches a barrier meets
 *   it at the barrier's price. **Tie**: if one bar reaches both, the lower barrier counts, because the order is
 *   unknown and the worse outcome is assumed.
 * - If neither is met within `horizon` bars, the label is 0 and the exit is the close of the last bar.
 * - Null for the last bars, whose horizon extends beyond the data (even if a barrier was met before, as otherwise the
 *   end of the data would contain only quick trades), where the volatility is null or zero, where the entry price is
 *   not positive, and where a null bar occurs before a barrier is met. Source: M. López de Prado, Advances in
 *   Financial Machine Learning, 2018, 3.4.
 */
export function tripleBarrier(
  bars: TripleBarrierBars,
  { entry, upper, lower, horizon }: TripleBarrierOptions,
  { label, exitReturn, held }: TripleBarrierOutputs,
): void {
  requirePeriod("tripleBarrier", "horizon", horizon);
  const { open, high, low, close, volatility } = bars;
  const length = open.length;
  requireSameLength("tripleBarrier", { high, low, close, volatility, label, exitReturn, held }, length);
  const firstLag = entry === "open" ? 1 : 2;
  const entries = entry === "open" ? open : close;
  for (let t = 0; t < length; t++) {
    label[t] = exitReturn[t] = held[t] = NaN;
    const first = t + firstLag;
    const last = first + horizon - 1;
    const width = volatility[t]!;
    if (last >= length || !(width > 0)) continue;
    const paid = entries[t + 1]!;
    if (!(paid > 0)) continue;
    const high1 = upper > 0 ? paid * (1 + upper * width) : Infinity;
    const low1 = lower > 0 ? paid * (1 - lower * width) : -Infinity;
    let side = 0;
    let price = NaN;
    let i = first;
    for (; i <= last; i++) {
      const opened = open[i]!;
      const top = high[i]!;
      const bottom = low[i]!;
      const closed = close[i]!;
      // One null among them makes the sum NaN.
      if (Number.isNaN(opened + top + bottom + closed)) break;
      if (opened >= high1 || opened <= low1) {
        side = opened >= high1 ? 1 : -1;
        price = opened;
        break;
      }
      if (bottom <= low1 || top >= high1) {
        side = bottom <= low1 ? -1 : 1;
        price = bottom <= low1 ? low1 : high1;
        break;
      }
      if (i === last) {
        price = closed;
        break;
      }
    }
    if (Number.isNaN(price)) continue;
    label[t] = side;
    exitReturn[t] = price / paid - 1;
    held[t] = i - first + 1;
  }
}
