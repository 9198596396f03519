import {
  adxStateLength,
  parabolicSarStateLength,
  resumeKernelStateLength,
  supertrendStateLength,
} from "quiver/kernels";

/** The parameters that decide how far back the columns reach. */
interface Periods {
  readonly adx_period: number;
  readonly aroon_period: number;
  readonly tenkan_period: number;
  readonly kijun_period: number;
  readonly senkou_b_period: number;
  readonly vortex_period: number;
}

/** The number of earlier bars that the windowed columns need. */
export function lookBackOf(params: Periods): number {
  return Math.max(
    params.aroon_period,
    params.tenkan_period - 1,
    params.kijun_period - 1,
    params.senkou_b_period - 1,
    params.vortex_period,
  );
}

/** Lengths of the state: three recursions, and the last bars for the windows. */
export function stateLengthsOf(params: Periods) {
  return {
    adx: adxStateLength(params.adx_period),
    sar: parabolicSarStateLength,
    supertrend: supertrendStateLength,
    bars: resumeKernelStateLength(3, lookBackOf(params)),
  };
}
