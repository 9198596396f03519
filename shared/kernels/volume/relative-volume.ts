import { requirePeriod, requireSameLength } from "../arguments.ts";

export interface RelativeVolumeOutputs {
  /** If given, receives the mean by which the volume is divided. */
  readonly usual?: Float64Array | undefined;
  /** If given, receives the number of sessions in the mean, from 0 to `sessionCount`. */
  readonly usualCount?: Float64Array | undefined;
}

/**
 * Volume relative to the usual volume at that time of day: `volume / mean`, where the mean is over the volumes in the
 * same slot of the `sessionCount` sessions before the current one.
 *
 * `sessions` numbers each bar's session (any number that changes with it; NaN outside sessions); `slots` is the bar's
 * position in the day, a whole number from 0, such as the minute. A session counts if the series has a bar in it. A
 * session without a bar in the slot, or with a null volume there, does not enter the mean, because thin trading skips
 * minutes and half days end early. Of two bars in one slot of one session, the later counts. Warm-up: null before the
 * series has had `sessionCount` sessions. Nulls: null outside the sessions, at a null or infinite volume, and where
 * the slot has no earlier bar or volume. Finite in sessions: bits depend on the current and the last `sessionCount`
 * sessions, and sums are taken from the oldest to the newest. Allocates `sessionCount + 1` numbers for each slot,
 * twice. Source: the usual definition of relative volume by time of day.
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
  // For each slot, its volume in the last sessions and the session's number, both at the session's number modulo the
  // depth.
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
