import {
  chandelierStateLength,
  keltnerStateLength,
  resumeKernelStateLength,
  starcStateLength,
} from "quiver/kernels";
import type { BandsParams } from "./params.ts";

/** The number of earlier bars that each windowed column needs. */
export function lookBacksOf(params: BandsParams) {
  return {
    bollinger: params.bollinger_period - 1,
    donchian: params.donchian_period - 1 + params.donchian_lag,
    envelope: params.envelope_period - 1,
  };
}

/** The length of the state that each kind of bands carries from bar to bar. */
export function stateLengthsOf(params: BandsParams) {
  const lookBacks = lookBacksOf(params);
  return {
    bollinger: resumeKernelStateLength(1, lookBacks.bollinger),
    donchian: resumeKernelStateLength(2, lookBacks.donchian),
    envelope: resumeKernelStateLength(1, lookBacks.envelope),
    keltner: keltnerStateLength,
    chandelier: chandelierStateLength(params.chandelier_period),
    starc: starcStateLength(params.starc_period),
  };
}

/** The number of bars until all windows are full and the start of every average matters less than 1e-9. */
export function warmUpOf(params: BandsParams): number {
  const rangePeriod = Math.max(params.keltner_atr_period, params.chandelier_period, params.starc_atr_period);
  return Math.ceil(
    Math.max(
      10.4 * (params.keltner_period + 1),
      20.8 * rangePeriod + 1,
      params.starc_period,
      ...Object.values(lookBacksOf(params)),
    ),
  );
}
