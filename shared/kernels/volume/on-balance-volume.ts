import { requireSameLength, stateOrFresh } from "../arguments.ts";
import type { StateOptions } from "../state-options.ts";

/** Length of the state of `onBalanceVolume`, in doubles: whether a bar was seen, its close, the sum. */
export const onBalanceVolumeStateLength = 3;

/**
 * On-balance volume: a running sum that adds a bar's volume if the bar closes above the previous one and subtracts it
 * if the bar closes below.
 *
 * Seed: 0 at the first bar. Its level depends on where the history begins, and no warm-up removes that; its changes do
 * not. Nulls: a bar with a null or infinite close or volume gives null and is otherwise skipped: the next close is
 * compared with the last bar that has both. Recursive: resumes bit for bit from `state`
 * (`onBalanceVolumeStateLength`). Source: J. Granville, 1963; agrees with Stock.Indicators' GetObv.
 */
export function onBalanceVolume(
  close: Float64Array,
  volume: Float64Array,
  out: Float64Array,
  { state }: StateOptions = {},
): void {
  requireSameLength("onBalanceVolume", { volume, out }, close.length);
  const saved = stateOrFresh("onBalanceVolume", state, onBalanceVolumeStateLength);
  let seen = saved[0]!;
  let last = saved[1]!;
  let sum = saved[2]!;
  for (let i = 0; i < close.length; i++) {
    const price = close[i]!;
    const shares = volume[i]!;
    const both = price + shares;
    if (both - both !== 0) {
      out[i] = NaN;
      continue;
    }
    if (seen > 0) {
      if (price > last) sum += shares;
      else if (price < last) sum -= shares;
    }
    seen = 1;
    last = price;
    out[i] = sum;
  }
  saved[0] = seen;
  saved[1] = last;
  saved[2] = sum;
}
