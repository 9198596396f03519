import { z } from "zod";

const bars = (usual: number, what: string, least = 1) =>
  z.int().min(least).max(10_000).default(usual).describe(what);

/** The parameters, each prefixed with the name of its column. */
export const paramsOfOscillators = z.object({
  stoch_period: bars(14, "bars of the stochastic oscillator's range"),
  stoch_smooth: bars(3, "bars over which %K is averaged; 1 gives the fast stochastic"),
  stoch_signal: bars(3, "bars over which %D averages %K"),
  rsi_period: bars(14, "bars of the RSI in StochRSI"),
  stoch_rsi_period: bars(14, "values of the RSI in StochRSI's range"),
  stoch_rsi_smooth: bars(1, "bars over which StochRSI is averaged"),
  stoch_rsi_signal: bars(3, "bars of StochRSI's signal line"),
  williams_period: bars(14, "bars of Williams %R"),
  cci_period: bars(20, "bars of the commodity channel index"),
  roc_period: bars(14, "bars of the rate of change and the momentum"),
  trix_period: bars(15, "bars of each of TRIX's three averages"),
  ultimate_short: bars(7, "bars of the ultimate oscillator's shortest window"),
  ultimate_middle: bars(14, "bars of its middle window"),
  ultimate_long: bars(28, "bars of its longest window"),
  cmo_period: bars(14, "changes of the Chande momentum oscillator"),
  awesome_fast: bars(5, "bars of the awesome oscillator's short mean"),
  awesome_slow: bars(34, "bars of its long mean"),
  tsi_long: bars(25, "bars of the true strength index's first smoothing"),
  tsi_short: bars(13, "bars of its second smoothing"),
  tsi_signal: bars(7, "bars of its signal line"),
  dpo_period: bars(20, "bars of the detrended price's mean"),
  bop_period: bars(14, "bars over which the balance of power is averaged"),
  chop_period: bars(14, "bars of the choppiness index", 2),
  ulcer_period: bars(14, "bars of the ulcer index"),
  elder_period: bars(13, "bars of the average in Elder's rays"),
  connors_rsi_period: bars(3, "bars of the RSI of the close in Connors RSI"),
  connors_streak_period: bars(2, "bars of the RSI of the streak"),
  connors_rank_period: bars(100, "changes among which the last one is ranked"),
  ppo_fast: bars(12, "bars of the percentage oscillator's fast average"),
  ppo_slow: bars(26, "bars of its slow average"),
  ppo_signal: bars(9, "bars of its signal line"),
  pmo_first: bars(35, "bars of the price momentum oscillator's first smoothing", 2),
  pmo_second: bars(20, "bars of its second smoothing", 2),
  pmo_signal: bars(10, "bars of its signal line"),
  smi_period: bars(13, "bars of the stochastic momentum index's range"),
  smi_first: bars(25, "bars of its first smoothing"),
  smi_second: bars(2, "bars of its second smoothing"),
  smi_signal: bars(3, "bars of its signal line"),
  fisher_period: bars(10, "bars of the range in the Fisher transform"),
});

export type OscillatorParams = z.output<typeof paramsOfOscillators>;
