import type { EpochDays } from "./dates.ts";
import { openSessions, type SessionHours } from "./sessions.ts";
import { MICROS_PER_SECOND, type EpochMicros } from "./timestamps.ts";
import { openZone } from "./zone.ts";

/** What a dataset's `ts` means and when its rows become known; stored in `dataset.json`. */
export interface Clocks {
  /** IANA time zone of dates and sessions. */
  readonly timezone: string;
  /** Whether `ts` is the start or the end of its bar. A daily bar's `ts` is always its session date. */
  readonly stamp: "start" | "end";
  /** Length of a bar; with `"1d"`, `ts` is a date. */
  readonly intervalSeconds: number | "1d";
  /** Name of the calendar that the sessions came from; null without sessions or when they were given by hand. */
  readonly calendar: string | null;
  /** Null when the trading hours are unknown. */
  readonly sessions: SessionHours | null;
  /** Delay between the end of a bar and the moment it becomes known. */
  readonly availabilitySeconds: number;
}

/**
 * An event time in the unit of the dataset's own `ts`: days since 1970-01-01 for daily data, microseconds since
 * 1970-01-01T00:00Z for intraday data.
 */
export type EventTime = number;

/** The two clocks of one dataset without a known-time column, opened for repeated use. */
export interface OpenClocks {
  /**
   * The instant at which the bar is complete. For a daily bar this is its session close, or the end of its date if
   * there is none.
   */
  barEndOf(eventTime: EventTime): EpochMicros;
  /** Bar end plus availability. */
  knownTimeOf(eventTime: EventTime): EpochMicros;
  /** The last event time whose row is known at `asOf` (known time ≤ asOf). */
  asOfCutoff(asOf: EpochMicros): EventTime;
}

/** Opens the clocks of a dataset. Refuses an invalid zone or invalid sessions. */
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
  // A bar dated on a day without a session still needs an instant: the end of that day.
  const barEndOf = (date: EpochDays) => sessions?.closeOf(date) ?? zone.startOf(date + 1);
  const knownTimeOf = (date: EpochDays) => barEndOf(date) + availability;
  return {
    barEndOf,
    knownTimeOf,
    asOfCutoff(asOf) {
      // A bar becomes known at the end of its date at the latest (plus availability), and at its start at the
      // earliest.
      let date = zone.dateOf(asOf - availability) + 1;
      while (knownTimeOf(date) > asOf) date--;
      return date;
    },
  };
}

/** The known time of one event time. For many, call `openClocks` once. */
export function knownTimeOf(clocks: Clocks, eventTime: EventTime): EpochMicros {
  return openClocks(clocks).knownTimeOf(eventTime);
}

/** The cut-off for one `asOf`. For many, call `openClocks` once. */
export function asOfCutoff(clocks: Clocks, asOf: EpochMicros): EventTime {
  return openClocks(clocks).asOfCutoff(asOf);
}
