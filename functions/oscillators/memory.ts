import {
  connorsRsiStateLength,
  elderRayStateLength,
  fisherTransformStateLength,
  percentageOscillatorStateLength,
  priceMomentumOscillatorStateLength,
  resumeKernelStateLength,
  stochasticMomentumIndexStateLength,
  stochasticRsiStateLength,
  trixStateLength,
  trueStrengthIndexStateLength,
} from "quiver/kernels";
import type { OscillatorParams } from "./params.ts";

/** The number of earlier bars that the windowed columns need. */
export function lookBackOf(params: OscillatorParams): number {
  return Math.max(
    params.stoch_period + params.stoch_smooth + params.stoch_signal - 3,
    params.williams_period - 1,
    params.cci_period - 1,
    params.roc_period,
    params.ultimate_short,
    params.ultimate_middle,
    params.ultimate_long,
    params.cmo_period,
    params.awesome_fast - 1,
    params.awesome_slow - 1,
    params.dpo_period - 1,
    Math.floor(params.dpo_period / 2) + 1,
    params.bop_period - 1,
    params.chop_period,
    params.ulcer_period - 1,
  );
}

export const stochasticRsiParams = (params: OscillatorParams) => ({
  rsiPeriod: params.rsi_period,
  period: params.stoch_rsi_period,
  smooth: params.stoch_rsi_smooth,
  signal: params.stoch_rsi_signal,
});

export const stochasticMomentumIndexParams = (params: OscillatorParams) => ({
  period: params.smi_period,
  first: params.smi_first,
  second: params.smi_second,
  signal: params.smi_signal,
});

export const connorsRsiParams = (params: OscillatorParams) => ({
  rsiPeriod: params.connors_rsi_period,
  streakPeriod: params.connors_streak_period,
  rankPeriod: params.connors_rank_period,
});

/** Lengths of the state: each recursion, and the last bars for the windows. */
export function stateLengthsOf(params: OscillatorParams) {
  return {
    stochasticRsi: stochasticRsiStateLength(stochasticRsiParams(params)),
    trix: trixStateLength,
    trueStrengthIndex: trueStrengthIndexStateLength,
    elderRay: elderRayStateLength,
    connorsRsi: connorsRsiStateLength(connorsRsiParams(params)),
    percentage: percentageOscillatorStateLength,
    priceMomentumOscillator: priceMomentumOscillatorStateLength,
    stochasticMomentumIndex: stochasticMomentumIndexStateLength(stochasticMomentumIndexParams(params)),
    fisher: fisherTransformStateLength(params.fisher_period),
    bars: resumeKernelStateLength(4, lookBackOf(params)),
  };
}
