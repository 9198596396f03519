import { requirePeriod, requireSameLength, stateOrFresh } from "../arguments.ts";
import { log } from "../math/log.ts";
import { rollingMax } from "../rolling/rolling-max.ts";
import { rollingMin } from "../rolling/rolling-min.ts";
import type { StateOptions } from "../state-options.ts";
import { resumeWindow, resumeWindowStateLength } from "../windows/resume-window.ts";
import { presentValues, scatterPresent } from "./present-values.ts";

/**
 * Length of the state of `fisherTransform`, in doubles: bars seen (0 or 1), the two smoothed values, the last prices.
 */
export const fisherTransformStateLength = (period: number): number => 3 + resumeWindowStateLength(period - 1);

/**
 * Fisher transform of the middle price `(high + low) / 2`: its position in the range of the last `period` bars, from
 * -1 to 1, is smoothed (`x[t] = 0.33 * position + 0.67 * x[t-1]`, limited to ±0.999) and becomes `fisher[t] = ln((1 +
 * x) / (1 - x)) / 2 + fisher[t-1] / 2`.
 *
 * Seed: 0 at the first bar; the first windows contain the bars available so far. The seed changes values by less than
 * 1e-9 after about `period + 70` bars. Edge case: without a range `x` is 0. Nulls: a bar whose high or low is NaN or
 * infinite gives NaN and is otherwise skipped. Recursive: resumes bit for bit from `state`
 * (`fisherTransformStateLength(period)`). Allocates scratch arrays per call. Source: J. F. Ehlers, Using the Fisher
 * Transform, Stocks & Commodities 2002; agrees with Stock.Indicators' GetFisherTransform.
 */
export function fisherTransform(
  high: Float64Array,
  low: Float64Array,
  period: number,
  out: Float64Array,
  { state }: StateOptions = {},
): void {
  requirePeriod("fisherTransform", "period", period);
  requireSameLength("fisherTransform", { low, out }, high.length);
  const saved = stateOrFresh("fisherTransform", state, fisherTransformStateLength(period));
  for (let i = 0; i < high.length; i++) out[i] = (high[i]! + low[i]!) / 2;
  const prices = presentValues(out);
  if (prices.length === 0) {
    out.fill(NaN);
    return;
  }
  const tail = saved.subarray(3, fisherTransformStateLength(period));
  // The tail is filled with prices equal to the first, which do not change the range of the first windows.
  if (saved[0] === 0) tail.fill(prices[0]!, 1).fill(period - 1, 0, 1);
  const joined = resumeWindow(prices, period - 1, tail);
  const highest = new Float64Array(joined.length);
  const lowest = new Float64Array(joined.length);
  rollingMax(joined, period, highest);
  rollingMin(joined, period, lowest);
  let place = saved[1]!;
  let fisher = saved[2]!;
  for (let i = joined.length - prices.length; i < joined.length; i++) {
    const range = highest[i]! - lowest[i]!;
    place = range > 0 ? 0.66 * ((joined[i]! - lowest[i]!) / range - 0.5) + 0.67 * place : 0;
    if (Math.abs(place) > 0.99) place = place > 0 ? 0.999 : -0.999;
    fisher = 0.5 * log((1 + place) / (1 - place)) + 0.5 * fisher;
    highest[i] = fisher;
  }
  scatterPresent(highest, out, out);
  saved[0] = 1;
  saved[1] = place;
  saved[2] = fisher;
}
