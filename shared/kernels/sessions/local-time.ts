/** Offsets of local time from UTC, as a handler's `context.clock` holds them. */
export interface UtcOffsets {
  readonly utcOffsets: readonly { readonly fromMicros: number; readonly offsetSeconds: number }[];
}

export const MICROS_PER_MINUTE = 60_000_000;
export const MICROS_PER_DAY = 86_400_000_000;

/**
 * Local wall-clock time of each event time: microseconds since 1970-01-01T00:00 as a wall clock shows it.
 *
 * `ts` must ascend. `shiftMicros` is added first: -1 puts a bar stamped at its end into the day it belongs to. Values
 * are exact integers as doubles. Nulls: event times have none.
 */
export function localMicros(ts: BigInt64Array, clock: UtcOffsets, out: Float64Array, shiftMicros = 0): void {
  const { utcOffsets } = clock;
  let at = 0;
  for (let i = 0; i < ts.length; i++) {
    const instant = Number(ts[i]!) + shiftMicros;
    while (at + 1 < utcOffsets.length && instant >= utcOffsets[at + 1]!.fromMicros) at++;
    out[i] = instant + (utcOffsets[at]?.offsetSeconds ?? 0) * 1_000_000;
  }
}

/** The instant of a local time, on the same side of every change of offset as `near`. */
export function toInstant(local: number, near: number, clock: UtcOffsets): number {
  let offset = clock.utcOffsets[0]?.offsetSeconds ?? 0;
  for (const change of clock.utcOffsets) {
    if (change.fromMicros > near) break;
    offset = change.offsetSeconds;
  }
  return local - offset * 1_000_000;
}

/** Local date of each event time, in days since 1970-01-01; bars stamped at their end belong to the day before midnight. */
export function localDates(
  ts: BigInt64Array,
  clock: UtcOffsets & { readonly stamp: "start" | "end" },
  out: Int32Array,
): void {
  const local = new Float64Array(ts.length);
  localMicros(ts, clock, local, clock.stamp === "end" ? -1 : 0);
  for (let i = 0; i < ts.length; i++) out[i] = Math.floor(local[i]! / MICROS_PER_DAY);
}
