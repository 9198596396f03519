import type { EpochDays } from "./dates.ts";
import { openSessions, type SessionHours } from "./sessions.ts";
import { MICROS_PER_SECOND, type EpochMicros } from "./timestamps.ts";
import { openZone } from "./zone.ts";

/** What a dataset's `ts` means and when its rows can be known; stored in `dataset.json`. */
export interface Clocks {
  /** IANA zone of dates and sessions. */
  readonly timezone: string;
  /** Which end of its bar `ts` is. A daily bar's `ts` is its session date whatever this says. */
  readonly stamp: "start" | "end";
  /** Length of a bar; `"1d"` makes `ts` a date. */
  readonly intervalSeconds: number | "1d";
  /** Name of the calendar the sessions came from, null for none or for sessions given by hand. */
  readonly calendar: string | null;
  /** Null when nothing is known about trading hours. */
  readonly sessions: SessionHours | null;
  /** Delay between the end of a bar and the moment it can be known. */
  readonly availabilitySeconds: number;
}

/**
 * An event time in the unit of the dataset's own `ts`: days since 1970-01-01 for daily data, microseconds
 * since 1970-01-01T00:00Z for intraday data.
 */
export type EventTime = number;

/** The two clocks of one dataset without a known-time column, ready for many questions. */
export interface OpenClocks {
  /** The instant at which the bar is complete; a daily bar's is its session close, else the end of its date. */
  barEndOf(eventTime: EventTime): EpochMicros;
  /** Bar end plus availability. */
  knownTimeOf(eventTime: EventTime): EpochMicros;
  /** The last event time whose row is known at `asOf` (known time ≤ asOf). */
  asOfCutoff(asOf: EpochMicros): EventTime;
}

/** Opens the clocks of a dataset; refuses a zone or sessions that make no sense. */
export function openClocks(clocks: Clocks): OpenClocks {
  const availability = clocks.availabilitySeconds * MICROS_PER_SECOND;
  if (clocks.intervalSeconds !== "1d") {
    const toEnd = clocks.stamp === "start" ? clocks.intervalSeconds * MICROS_PER_SECOND : 0;
    return {
      barEndOf: (eventTime) => eventTime + toEnd,
      knownTimeOf: (eventTime) => eventTime + toEnd + availability,
      asOfCutoff: (asOf) => asOf - toEnd - availability,
    };
  }
  const zone = openZone(clocks.timezone);
  const sessions = clocks.sessions === null ? undefined : openSessions(clocks.sessions, zone);
  // A bar dated on a day without a session still needs a moment: the end of that day.
  const barEndOf = (date: EpochDays) => sessions?.closeOf(date) ?? zone.startOf(date + 1);
  const knownTimeOf = (date: EpochDays) => barEndOf(date) + availability;
  return {
    barEndOf,
    knownTimeOf,
    asOfCutoff(asOf) {
      // A bar is known at the end of its date at the latest (plus availability), at its start at the earliest.
      let date = zone.dateOf(asOf - availability) + 1;
      while (knownTimeOf(date) > asOf) date--;
      return date;
    },
  };
}

/** One known time; for many, `openClocks` once. */
export function knownTimeOf(clocks: Clocks, eventTime: EventTime): EpochMicros {
  return openClocks(clocks).knownTimeOf(eventTime);
}

/** One cut-off; for many, `openClocks` once. */
export function asOfCutoff(clocks: Clocks, asOf: EpochMicros): EventTime {
  return openClocks(clocks).asOfCutoff(asOf);
}
