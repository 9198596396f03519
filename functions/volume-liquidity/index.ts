import { defineFeature, float64, price, ratio, volume } from "quiver";
import {
  accumulationDistribution,
  accumulationDistributionStateLength,
  amihudIlliquidity,
  chaikinMoneyFlow,
  chaikinOscillator,
  chaikinOscillatorStateLength,
  moneyFlowIndex,
  movingVwap,
  onBalanceVolume,
  onBalanceVolumeStateLength,
  resumeKernel,
  resumeKernelStateLength,
  sessionSlots,
  sessionVwap,
  sessionVwapStateLength,
  splitState,
  stateLengthOf,
  volumeWeightedMean,
} from "quiver/kernels";
import { z } from "zod";

const bars = (usual: number, what: string) => z.int().min(1).max(10_000).default(usual).describe(what);
const params = z.object({
  chaikin_fast: bars(3, "span of the Chaikin oscillator's fast average"),
  chaikin_slow: bars(10, "span of its slow average"),
  cmf_period: bars(20, "bars of the Chaikin money flow"),
  mfi_period: bars(14, "changes of the money flow index"),
  vwap_period: bars(20, "bars of the moving VWAP"),
  vwma_period: bars(20, "bars of the volume-weighted average of the close"),
  amihud_period: bars(21, "returns of Amihud's illiquidity"),
});

/** The number of earlier bars that the windows need. */
const lookBackOf = (by: z.output<typeof params>) =>
  Math.max(by.cmf_period - 1, by.mfi_period, by.vwap_period - 1, by.vwma_period - 1, by.amihud_period);

const stateLengths = (by: z.output<typeof params>) => ({
  obv: onBalanceVolumeStateLength,
  adl: accumulationDistributionStateLength,
  chaikin: chaikinOscillatorStateLength,
  vwap: sessionVwapStateLength,
  windows: resumeKernelStateLength(4, lookBackOf(by)),
});

/**
 * Volume and liquidity. Money flow volume is volume * ((close - low) - (high - close)) / (high - low), or 0 without a range.
 * The typical price is (high + low + close) / 3. The numbers of bars below are the defaults.
 *
 * - `obv`: on-balance volume, the sum of volumes with the sign of the change of the close; 0 at the first bar.
 * - `adl`: accumulation/distribution line, the sum of money flow volumes.
 * - `chaikin_oscillator`: EMA(3) - EMA(10) of `adl`, seeded with means, from bar 10.
 * - `cmf`: Chaikin money flow, sum of money flow volumes / sum of volumes, over 20 bars; -1 to 1.
 * - `mfi`: money flow index, 100 * gains / (gains + losses) of typical price * volume over 14 changes, from bar 15.
 * - `session_vwap`: volume-weighted average of the typical price since the session's start (on the local date of the
 *   dataset's clock); null outside the sessions. A daily bar is a session of its own, so its value is the typical price.
 * - `moving_vwap`: the same average over 20 bars, across sessions.
 * - `vwma`: volume-weighted average of the close over 20 bars.
 * - `amihud`: Amihud's illiquidity, mean of |return| / (close * volume) over 21 returns, times 1,000,000; bars without
 *   trading are left out of the mean.
 *
 * `obv` and `adl` accumulate since the symbol's first bar, so only their changes are meaningful and no warm-up is declared.
 * For the oscillator, the first bar no longer matters after 10.4 * (slow + 1) bars, 115 by default.
 *
 * A null or infinite price or volume gives null at its bar. Windows are null while they hold such a bar, and if nothing was
 * traded in them; sums and averages continue as if the bar were absent.
 *
 * The state holds the sums and averages, and the bars that the windows need, so the group resumes bit for bit.
 */
export default defineFeature({
  description: "On-balance volume, money flow, VWAP by session and moving, VWMA, Amihud's illiquidity",
  source: "Granville 1963; Chaikin; Quong and Soudack 1989; Amihud, Journal of Financial Markets 5, 2002",
  params,
  inputs: { bars: { high: float64, low: float64, close: float64, volume: float64 } },
  outputs: {
    obv: volume,
    adl: volume,
    chaikin_oscillator: volume,
    cmf: ratio,
    mfi: ratio,
    session_vwap: price,
    moving_vwap: price,
    vwma: price,
    amihud: float64,
  },
  memory: { stateLength: (by) => stateLengthOf(stateLengths(by)) },
  handler({ bars: given }, out, { params: by, ts, clock, ordinal, state }) {
    const { high, low, close, volume: shares } = given;
    const saved = splitState(state, stateLengths(by));
    onBalanceVolume(close, shares, out.obv, { state: saved.obv });
    accumulationDistribution(high, low, close, shares, out.adl, { state: saved.adl });
    const spans = { fast: by.chaikin_fast, slow: by.chaikin_slow };
    chaikinOscillator(out.adl, out.chaikin_oscillator, { ...spans, state: saved.chaikin });
    const sessions = new Float64Array(close.length);
    // The slots are not needed, so the result's array receives them until sessionVwap overwrites it.
    sessionSlots(ts, clock, sessions, out.session_vwap);
    sessionVwap(sessions, high, low, close, shares, out.session_vwap, { state: saved.vwap });
    resumeKernel(
      [high, low, close, shares],
      lookBackOf(by),
      ordinal,
      saved.windows,
      [out.cmf, out.mfi, out.moving_vwap, out.vwma, out.amihud],
      ([h, l, c, v], [cmf, mfi, vwap, vwma, amihud], first) => {
        const at = { ordinal: first };
        chaikinMoneyFlow(h!, l!, c!, v!, by.cmf_period, cmf!, at);
        moneyFlowIndex(h!, l!, c!, v!, by.mfi_period, mfi!, at);
        movingVwap(h!, l!, c!, v!, by.vwap_period, vwap!, at);
        volumeWeightedMean(c!, v!, by.vwma_period, vwma!, at);
        amihudIlliquidity(c!, v!, by.amihud_period, amihud!, at);
      },
    );
  },
});
