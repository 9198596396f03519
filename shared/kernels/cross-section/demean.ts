import { requireSameLength } from "../arguments.ts";

/**
 * Distance of each value from the mean of its group: `value - mean(values of the group)`, or the mean of all values if
 * no groups are given. The only value of a group has a distance of 0.
 *
 * `groups` holds the group of each value as a code from 0; -1 means no group. Nulls: NaN and infinite values are left
 * out and stay null, and so is a value without a group. Source: `indneutralize` of Kakushadze, 101 Formulaic Alphas,
 * 2016. Allocates one scratch array of three elements per group per call.
 */
export function demean(values: Float64Array, out: Float64Array, groups?: Int32Array): void {
  requireSameLength("demean", { out }, values.length);
  if (groups !== undefined && groups.length !== values.length) {
    throw new RangeError(
      `Cannot compute demean: groups has ${groups.length} elements, expected ${values.length} as in the first argument.`,
    );
  }
  const length = values.length;
  let groupCount = 1;
  if (groups !== undefined) for (const group of groups) if (group >= groupCount) groupCount = group + 1;
  const scratch = new Float64Array(3 * groupCount);
  const counts = scratch.subarray(0, groupCount);
  const sums = scratch.subarray(groupCount, 2 * groupCount);
  // One value of each group, because distances from it are exact where values are equal.
  const origins = scratch.subarray(2 * groupCount);
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    const group = groups === undefined ? 0 : groups[i]!;
    if (group < 0 || value - value !== 0) continue;
    if (counts[group] === 0) origins[group] = value;
    counts[group]!++;
    sums[group]! += value - origins[group]!;
  }
  for (let i = 0; i < length; i++) {
    const value = values[i]!;
    const group = groups === undefined ? 0 : groups[i]!;
    const isIn = group >= 0 && value - value === 0;
    out[i] = isIn ? value - origins[group]! - sums[group]! / counts[group]! : NaN;
  }
}
