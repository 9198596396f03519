/// <reference lib="esnext.temporal" />
import { QuiverError } from "../errors/index.ts";
import type { EpochDays } from "./dates.ts";
import { MICROS_PER_DAY, type EpochMicros } from "./timestamps.ts";

/** The rules of one time zone, laid out for arithmetic on millions of timestamps. */
export interface Zone {
  readonly name: string;
  /** Local time minus UTC at an instant, in microseconds. */
  offsetAt(instant: EpochMicros): number;
  /** The wall clock at an instant, as microseconds since 1970-01-01T00:00 local. */
  toLocal(instant: EpochMicros): number;
  /**
   * The instant of a wall-clock time. A time that occurs twice (clocks set back) means the earlier instant; one that
   * never occurs (clocks set forward) is moved forward by the gap, as with Temporal's "compatible".
   */
  toInstant(localMicros: number): EpochMicros;
  /** The local date of an instant. */
  dateOf(instant: EpochMicros): EpochDays;
  /** The first instant of a local date; `startOf(date + 1)` is the end of `date`. */
  startOf(date: EpochDays): EpochMicros;
}

/** The rules are read for these years; outside them the nearest offset applies. */
const FIRST_YEAR = 1900;
const LAST_YEAR = 2100;

/** Opens a zone by its IANA name or a fixed offset such as `+05:30`. Refuses an unknown name. */
export function openZone(name: string): Zone {
  const { starts, offsets } = readRules(name);
  let at = 0;

  function offsetAt(instant: number): number {
    // Timestamps usually come in order, so the last range nearly always fits; the search handles the rest.
    if (instant >= starts[at]! && (at + 1 === starts.length || instant < starts[at + 1]!))
      return offsets[at]!;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (starts[middle]! <= instant) low = middle;
      else high = middle - 1;
    }
    at = low;
    return offsets[low]!;
  }

  function toInstant(localMicros: number): number {
    // The offsets one day before and one day after bracket any single change between them.
    const before = offsetAt(localMicros - MICROS_PER_DAY);
    const after = offsetAt(localMicros + MICROS_PER_DAY);
    const early = localMicros - Math.max(before, after);
    if (offsetAt(early) === Math.max(before, after)) return early;
    const late = localMicros - Math.min(before, after);
    if (offsetAt(late) === Math.min(before, after)) return late;
    return localMicros - before;
  }

  return {
    name,
    offsetAt,
    toInstant,
    toLocal: (instant) => instant + offsetAt(instant),
    dateOf: (instant) => Math.floor((instant + offsetAt(instant)) / MICROS_PER_DAY),
    startOf: (date) => toInstant(date * MICROS_PER_DAY),
  };
}

/** Whether the runtime knows a zone of this name. */
export function isZoneName(name: string): boolean {
  try {
    Temporal.Instant.fromEpochMilliseconds(0).toZonedDateTimeISO(name);
    return true;
  } catch {
    // Temporal has no other way to ask: it throws a RangeError for an unknown name.
    return false;
  }
}

/** The offsets of a zone and the instants from which they apply, ascending. */
function readRules(name: string): { starts: Float64Array; offsets: Float64Array } {
  if (!isZoneName(name)) {
    throw new QuiverError(
      "unknown-timezone",
      `Cannot use the time zone ${JSON.stringify(name)}: no such zone is known. Expected an IANA name such as "America/New_York", "Asia/Shanghai" or "UTC".`,
      { timezone: name },
    );
  }
  const starts = [Number.NEGATIVE_INFINITY];
  let moment = Temporal.Instant.fromEpochMilliseconds(Date.UTC(FIRST_YEAR, 0, 1)).toZonedDateTimeISO(name);
  const offsets = [moment.offsetNanoseconds / 1000];
  const end = Date.UTC(LAST_YEAR, 0, 1);
  for (;;) {
    const next = moment.getTimeZoneTransition("next");
    if (next === null || next.epochMilliseconds >= end) break;
    starts.push(next.epochMilliseconds * 1000);
    offsets.push(next.offsetNanoseconds / 1000);
    moment = next;
  }
  return { starts: Float64Array.from(starts), offsets: Float64Array.from(offsets) };
}
