import { requirePeriod, requireSameLength } from "../arguments.ts";
import type { RollingOptions } from "../rolling/blocks.ts";
import { rollingMean } from "../rolling/rolling-mean.ts";

export interface AwesomeOscillatorParams {
  /** Usually 5. */
  readonly fast: number;
  /** Usually 34. */
  readonly slow: number;
}

/**
 * Awesome oscillator: mean of the middle prices `(high + low) / 2` over `fast` bars minus that over `slow` bars.
 * `percentOut` receives the same in percent of the bar's middle price.
 *
 * Warm-up: null before index `max(fast, slow) - 1`; look-back the same. Nulls: null where a window holds one (strict).
 * Finite: bits depend on the windows and `ordinal`. Two scratch arrays per call. Source: B. Williams, Trading Chaos,
 * 1995; agrees with Stock.Indicators' GetAwesome.
 */
export function awesomeOscillator(
  high: Float64Array,
  low: Float64Array,
  { fast, slow }: AwesomeOscillatorParams,
  out: Float64Array,
  percentOut: Float64Array,
  { ordinal }: RollingOptions = {},
): void {
  requirePeriod("awesomeOscillator", "fast", fast);
  requirePeriod("awesomeOscillator", "slow", slow);
  requireSameLength("awesomeOscillator", { low, out, percentOut }, high.length);
  const middle = new Float64Array(high.length);
  const slowMean = new Float64Array(high.length);
  for (let i = 0; i < high.length; i++) middle[i] = (high[i]! + low[i]!) / 2;
  rollingMean(middle, fast, out, { ordinal });
  rollingMean(middle, slow, slowMean, { ordinal });
  for (let i = 0; i < high.length; i++) {
    out[i]! -= slowMean[i]!;
    percentOut[i] = middle[i] === 0 ? NaN : 100 * (out[i]! / middle[i]!);
  }
}
