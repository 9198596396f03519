import type { Seeding } from "./smoothing.ts";

/**
 * Seeds a cascade in which each exponential average smooths the one before and all start together: writes nulls until
 * the seed is complete, then the seed itself, since any weighting of equal averages gives it. Returns the index of the
 * first bar after that.
 *
 * State: values seen (up to the seed), then the averages; until the seed is complete the first average holds the sum.
 */
export function seedCascade(
  values: Float64Array,
  period: number,
  seeding: Seeding,
  levels: number,
  out: Float64Array,
  state: Float64Array,
): number {
  const seedCount = seeding === "first" ? 1 : period;
  let seen = state[0]!;
  let i = 0;
  for (; i < values.length && seen < seedCount; i++) {
    const value = values[i]!;
    out[i] = NaN;
    if (value - value !== 0) continue;
    state[1]! += value;
    seen++;
    if (seen === seedCount) {
      const seed = state[1]! / seedCount;
      state.fill(seed, 1, 1 + levels);
      out[i] = seed;
    }
  }
  state[0] = seen;
  return i;
}
