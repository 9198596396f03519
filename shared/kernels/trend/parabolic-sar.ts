import { requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";

export interface ParabolicSarParams {
  /** The initial acceleration, which is also its increment at each new extreme; usually 0.02. */
  readonly step: number;
  /** The maximum of the acceleration, usually 0.2. */
  readonly maximum: number;
}

/**
 * Length of the state of `parabolicSar`, in doubles: bars seen (up to 2), direction, whether it has turned,
 * acceleration, extreme, stop, highs and lows of the last two bars.
 */
export const parabolicSarStateLength = 10;

/**
 * Parabolic stop and reverse. In a rising trend `sar[t] = sar[t-1] + af * (highest high of the trend - sar[t-1])`, but
 * never above the lows of the two previous bars. The trend turns when the low falls below it; `sar` is then the
 * highest high of the trend that ended. A falling trend is the mirror image. `af` begins at `step`, grows by `step`
 * with each new extreme, up to `maximum`. `directionOut` is 1 in a rising and -1 in a falling trend as of the bar's
 * end, so at a turn it is already the new direction.
 *
 * Seed: rising from the first bar's low. This is a guess, so both outputs are null up to and including the first turn,
 * whose position depends on the series (Stock.Indicators does the same). Nulls: a bar whose high or low is NaN or
 * infinite gives NaN and is otherwise skipped. Recursive: resumes bit for bit from `state`
 * (`parabolicSarStateLength`). Source: J. W. Wilder, New Concepts in Technical Trading Systems, 1978; agrees with
 * Stock.Indicators' GetParabolicSar.
 */
export function parabolicSar(
  high: Float64Array,
  low: Float64Array,
  { step, maximum }: ParabolicSarParams,
  sarOut: Float64Array,
  directionOut: Float64Array,
  { state }: StateOptions = {},
): void {
  requireAcceleration(step, maximum);
  requireSameLength("parabolicSar", { low, sarOut, directionOut }, high.length);
  const saved = stateOrFresh("parabolicSar", state, parabolicSarStateLength);
  let seen = saved[0]!;
  let direction = saved[1]!;
  let turned = saved[2]!;
  let acceleration = saved[3]!;
  let extreme = saved[4]!;
  let sar = saved[5]!;
  let high1 = saved[6]!;
  let high2 = saved[7]!;
  let low1 = saved[8]!;
  let low2 = saved[9]!;
  for (let i = 0; i < high.length; i++) {
    const top = high[i]!;
    const bottom = low[i]!;
    sarOut[i] = directionOut[i] = NaN;
    if (top - top !== 0 || bottom - bottom !== 0) continue;
    if (seen === 0) {
      direction = 1;
      acceleration = step;
      extreme = top;
      sar = bottom;
      high1 = top;
      low1 = bottom;
      seen = 1;
      continue;
    }
    const isRising = direction > 0;
    let stop = sar + acceleration * (extreme - sar);
    if (seen > 1) stop = isRising ? Math.min(stop, low1, low2) : Math.max(stop, high1, high2);
    const wasTurned = turned;
    if (isRising ? bottom < stop : top > stop) {
      sar = extreme;
      direction = -direction;
      acceleration = step;
      extreme = isRising ? bottom : top;
      turned = 1;
    } else {
      sar = stop;
      if (isRising ? top > extreme : bottom < extreme) {
        extreme = isRising ? top : bottom;
        acceleration = Math.min(acceleration + step, maximum);
      }
    }
    if (wasTurned > 0) {
      sarOut[i] = sar;
      directionOut[i] = direction;
    }
    high2 = high1;
    low2 = low1;
    high1 = top;
    low1 = bottom;
    seen = 2;
  }
  saved.set([seen, direction, turned, acceleration, extreme, sar, high1, high2, low1, low2]);
}

function requireAcceleration(step: number, maximum: number): void {
  if (step > 0 && maximum >= step && Number.isFinite(maximum)) return;
  throw new RangeError(
    `Cannot compute parabolicSar: step is ${step} and maximum ${maximum}, expected a step above 0 and a maximum of ` +
      "at least the step.",
  );
}
