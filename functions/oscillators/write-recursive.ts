import {
  type BarPrices,
  connorsRsi,
  elderRay,
  fisherTransform,
  percentageOscillator,
  priceMomentumOscillator,
  stochasticMomentumIndex,
  stochasticRsi,
  trix,
  trueStrengthIndex,
} from "quiver/kernels";
import {
  connorsRsiParams,
  type stateLengthsOf,
  stochasticMomentumIndexParams,
  stochasticRsiParams,
} from "./memory.ts";
import type { OscillatorParams } from "./params.ts";

type RecursiveColumn =
  | "stoch_rsi"
  | "stoch_rsi_signal"
  | "trix"
  | "tsi"
  | "tsi_signal"
  | "bull_power"
  | "bear_power"
  | "connors_rsi"
  | "ppo"
  | "ppo_signal"
  | "ppo_hist"
  | "pmo"
  | "pmo_signal"
  | "smi"
  | "smi_signal"
  | "fisher";

/** Writes the recursive columns. Each has its own part of the state, which is read first and written last. */
export function writeRecursive(
  { high, low, close }: BarPrices,
  out: Readonly<Record<RecursiveColumn, Float64Array>>,
  params: OscillatorParams,
  parts: Readonly<Record<keyof ReturnType<typeof stateLengthsOf>, Float64Array>>,
): void {
  const stochRsi = stochasticRsiParams(params);
  stochasticRsi(close, stochRsi, out.stoch_rsi, out.stoch_rsi_signal, { state: parts.stochasticRsi });
  trix(close, params.trix_period, out.trix, { state: parts.trix });
  const tsi = { long: params.tsi_long, short: params.tsi_short, signal: params.tsi_signal };
  trueStrengthIndex(close, tsi, out.tsi, out.tsi_signal, { state: parts.trueStrengthIndex });
  elderRay(high, low, close, params.elder_period, out.bull_power, out.bear_power, { state: parts.elderRay });
  connorsRsi(close, connorsRsiParams(params), out.connors_rsi, { state: parts.connorsRsi });
  const ppo = { fast: params.ppo_fast, slow: params.ppo_slow, signal: params.ppo_signal };
  percentageOscillator(close, ppo, out.ppo, out.ppo_signal, out.ppo_hist, { state: parts.percentage });
  const pmo = { first: params.pmo_first, second: params.pmo_second, signal: params.pmo_signal };
  priceMomentumOscillator(close, pmo, out.pmo, out.pmo_signal, { state: parts.priceMomentumOscillator });
  const smi = stochasticMomentumIndexParams(params);
  stochasticMomentumIndex(high, low, close, smi, out.smi, out.smi_signal, {
    state: parts.stochasticMomentumIndex,
  });
  fisherTransform(high, low, params.fisher_period, out.fisher, { state: parts.fisher });
}
