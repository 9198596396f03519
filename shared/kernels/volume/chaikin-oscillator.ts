import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { ema } from "../averages/ema.ts";
import { type Seeding, smoothingStateLength } from "../averages/smoothing.ts";
import type { StateOptions } from "../state-options.ts";

export interface ChaikinOptions extends StateOptions {
  /** Default 3. */
  readonly fast?: number | undefined;
  /** Default 10. */
  readonly slow?: number | undefined;
  /** How the averages are seeded. Default `mean`. */
  readonly seeding?: Seeding | undefined;
}

/** Length of the state of `chaikinOscillator`, in doubles: the states of two averages. */
export const chaikinOscillatorStateLength = 2 * smoothingStateLength;

/**
 * Chaikin oscillator: `ema(line, fast) - ema(line, slow)` of the accumulation/distribution line.
 *
 * `line` comes from `accumulationDistribution`. The start of its history adds a constant, which cancels in the
 * difference. Seed and warm-up: null before index `slow - 1`, as in `ema`. Nulls: as in `ema`. Recursive: resumes bit
 * for bit from `state`. One scratch array per call. Source: M. Chaikin; agrees with Stock.Indicators' GetChaikinOsc.
 */
export function chaikinOscillator(
  line: Float64Array,
  out: Float64Array,
  { fast = 3, slow = 10, seeding, state }: ChaikinOptions = {},
): void {
  requirePeriod("chaikinOscillator", "fast", fast);
  requirePeriod("chaikinOscillator", "slow", slow);
  requireSameLength("chaikinOscillator", { out }, line.length);
  const saved = stateOrFresh("chaikinOscillator", state, chaikinOscillatorStateLength);
  const slowMean = new Float64Array(line.length);
  ema(line, fast, out, { seeding, state: saved.subarray(0, smoothingStateLength) });
  ema(line, slow, slowMean, { seeding, state: saved.subarray(smoothingStateLength) });
  for (let i = 0; i < out.length; i++) out[i] = out[i]! - slowMean[i]!;
}
