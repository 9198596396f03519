import { requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";
import { moneyFlowVolume } from "./money-flow-volume.ts";

/** Length of the state of `accumulationDistribution`, in doubles: the line. */
export const accumulationDistributionStateLength = 1;

/**
 * Accumulation/distribution line: the running sum of `moneyFlowVolume`, from 0 before the first bar.
 *
 * Its level depends on where the history begins, and no warm-up removes that; its changes do not. Nulls: a bar with a
 * null or infinite value gives null and adds nothing. Recursive: resumes bit for bit from `state`
 * (`accumulationDistributionStateLength`). Source: M. Chaikin; agrees with Stock.Indicators' GetAdl.
 */
export function accumulationDistribution(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  out: Float64Array,
  { state }: StateOptions = {},
): void {
  requireSameLength("accumulationDistribution", { low, close, volume, out }, high.length);
  const saved = stateOrFresh("accumulationDistribution", state, accumulationDistributionStateLength);
  moneyFlowVolume(high, low, close, volume, out);
  let line = saved[0]!;
  for (let i = 0; i < out.length; i++) {
    const flow = out[i]!;
    if (Number.isNaN(flow)) continue;
    line += flow;
    out[i] = line;
  }
  saved[0] = line;
}
