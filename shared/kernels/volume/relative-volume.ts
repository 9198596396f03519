import { requirePeriod, requireSameLength } from "../arguments.ts";

export interface RelativeVolumeOutputs {
  /** The mean that the volume is divided by. */
  readonly usual?: Float64Array | undefined;
  /** How many sessions have entered it, from 0 to `sessionCount`. */
  readonly usualCount?: Float64Array | undefined;
}

/**
 * Volume relative to what is usual at its time of day: `volume / mean`, the mean being over the volumes in the same slot
 * of the `sessionCount` sessions before the current one.
 *
 * `sessions` numbers each bar's session (any number that changes with it; NaN outside of sessions), `slots` its place in
 * the day: a whole number from 0, such as the minute. Sessions count where the series has a bar in them. A session
 * without a bar in the slot, or with a null volume there, is left out of the mean: thin trading leaves minutes out, and
 * half days end early. Of two bars in one slot of one session the later counts.
 * Warm-up: null before the series has had `sessionCount` sessions.
 * Nulls: null outside the sessions, at a null or infinite volume, and where no bar or no volume stands in the slot.
 * Finite in sessions: bits depend on the current and the last `sessionCount` sessions, sums being taken from the oldest
 * to the newest. Allocates `(sessionCount + 1)` numbers for each slot, twice.
 * Source: the usual definition of relative volume by time of day.
 */
export function relativeVolume(
  volume: Float64Array,
  sessions: Float64Array,
  slots: Float64Array,
  sessionCount: number,
  out: Float64Array,
  { usual, usualCount }: RelativeVolumeOutputs = {},
): void {
  requirePeriod("relativeVolume", "sessionCount", sessionCount);
  const length = volume.length;
  requireSameLength("relativeVolume", { sessions, slots, out, usual, usualCount }, length);
  const depth = sessionCount + 1;
  const slotCount = slots.reduce((most, slot) => (slot >= most ? slot + 1 : most), 0);
  // Volume of each slot in the last sessions, at the session's number modulo the depth, and that number.
  const volumes = new Float64Array(slotCount * depth);
  const numbers = new Int32Array(slotCount * depth).fill(-1);
  let session = NaN;
  let number = -1;
  for (let i = 0; i < length; i++) {
    out[i] = NaN;
    if (usual !== undefined) usual[i] = NaN;
    if (usualCount !== undefined) usualCount[i] = NaN;
    if (Number.isNaN(sessions[i]!)) continue;
    if (sessions[i] !== session) {
      session = sessions[i]!;
      number++;
    }
    const base = slots[i]! * depth;
    const shares = volume[i]!;
    const isKnown = shares - shares === 0;
    if (number >= sessionCount) {
      let sum = 0;
      let count = 0;
      for (let before = number - sessionCount; before < number; before++) {
        const at = base + (before % depth);
        if (numbers[at] !== before) continue;
        sum += volumes[at]!;
        count++;
      }
      if (usualCount !== undefined) usualCount[i] = count;
      if (usual !== undefined && count > 0) usual[i] = sum / count;
      if (isKnown && sum > 0) out[i] = shares / (sum / count);
    }
    if (!isKnown) continue;
    volumes[base + (number % depth)] = shares;
    numbers[base + (number % depth)] = number;
  }
}
