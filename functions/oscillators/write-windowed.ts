import {
  type BarPrices,
  awesomeOscillator,
  balanceOfPower,
  chandeMomentumOscillator,
  change,
  choppinessIndex,
  commodityChannelIndex,
  detrendedPriceOscillator,
  rateOfChange,
  stochastic,
  ulcerIndex,
  ultimateOscillator,
  williamsR,
} from "quiver/kernels";
import type { OscillatorParams } from "./params.ts";

/** The columns computed over windows. */
export const WINDOWED_COLUMNS = [
  "stoch_k",
  "stoch_d",
  "stoch_j",
  "williams_r",
  "cci",
  "roc",
  "momentum",
  "ultimate",
  "cmo",
  "awesome",
  "awesome_percent",
  "dpo",
  "bop",
  "chop",
  "ulcer",
] as const;

type WindowedColumn = (typeof WINDOWED_COLUMNS)[number];

/** Writes the windowed columns. `to` returns a column's array, as long as the bars; `ordinal` is that of the first bar. */
export function writeWindowed(
  bars: BarPrices,
  to: (column: WindowedColumn) => Float64Array,
  params: OscillatorParams,
  ordinal: number,
): void {
  const { high, low, close } = bars;
  const at = { ordinal };
  const stoch = { period: params.stoch_period, smooth: params.stoch_smooth, signal: params.stoch_signal };
  const [k, d, j] = [to("stoch_k"), to("stoch_d"), to("stoch_j")];
  stochastic(high, low, close, stoch, k, d, at);
  for (let i = 0; i < j.length; i++) j[i] = 3 * k[i]! - 2 * d[i]!;
  williamsR(high, low, close, params.williams_period, to("williams_r"));
  commodityChannelIndex(high, low, close, params.cci_period, to("cci"), at);
  rateOfChange(close, params.roc_period, to("roc"));
  change(close, params.roc_period, to("momentum"));
  const ultimate = {
    short: params.ultimate_short,
    middle: params.ultimate_middle,
    long: params.ultimate_long,
  };
  ultimateOscillator(high, low, close, ultimate, to("ultimate"), at);
  chandeMomentumOscillator(close, params.cmo_period, to("cmo"), at);
  const awesome = { fast: params.awesome_fast, slow: params.awesome_slow };
  awesomeOscillator(high, low, awesome, to("awesome"), to("awesome_percent"), at);
  detrendedPriceOscillator(close, params.dpo_period, to("dpo"), at);
  balanceOfPower(bars, params.bop_period, to("bop"), at);
  choppinessIndex(high, low, close, params.chop_period, to("chop"), at);
  ulcerIndex(close, params.ulcer_period, to("ulcer"));
}
