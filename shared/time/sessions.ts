import { QuiverError } from "../errors/index.ts";
import { formatDate, weekdayOf, type EpochDays } from "./dates.ts";
import { MICROS_PER_DAY, MICROS_PER_MINUTE, type EpochMicros } from "./timestamps.ts";
import type { Zone } from "./zone.ts";

/** One trading interval in local wall-clock time, such as `"09:30"` to `"16:00"`; `"24:00"` is the end of the day. */
export interface SessionInterval {
  readonly open: string;
  readonly close: string;
}

/** Trading hours of a market, as stored in `dataset.json`. */
export interface SessionHours {
  /** Days with trading; 0 is Sunday. */
  readonly weekdays: readonly number[];
  /** The intervals of a regular day in order; there are two if the market has a lunch break. */
  readonly intervals: readonly SessionInterval[];
  /** Dates without trading, in ISO form. A date that is merely missing from the data need not be listed. */
  readonly holidays: readonly string[];
  /** Days that close early: date and local closing time. */
  readonly halfDays: readonly { readonly date: string; readonly close: string }[];
}

/** One day's trading, as instants. */
export interface SessionDay {
  readonly open: EpochMicros;
  readonly close: EpochMicros;
  readonly isHalfDay: boolean;
  /** The intervals as instants: open₀, close₀, open₁, close₁ … */
  readonly bounds: readonly EpochMicros[];
}

/** A market's sessions in one time zone, correct across daylight saving changes. */
export interface Sessions {
  /** The sessions of a local date; undefined when there is no trading that day. */
  dayOf(date: EpochDays): SessionDay | undefined;
  /** The close of a local date; undefined when there is no trading that day. */
  closeOf(date: EpochDays): EpochMicros | undefined;
  /** The local date to which an event time belongs. A bar stamped at its end may carry the following midnight. */
  dateOf(eventTime: EpochMicros, stamp: "start" | "end"): EpochDays;
  /** Whether a bar lies in a session: open ≤ start stamp < close, or open < end stamp ≤ close. */
  isInSession(eventTime: EpochMicros, stamp: "start" | "end"): boolean;
  /** Trading minutes from the day's open to the event time, without breaks; NaN outside trading hours. */
  minutesFromOpen(eventTime: EpochMicros, stamp: "start" | "end"): number;
  /** Trading minutes from the event time to the day's close, without breaks; NaN outside trading hours. */
  minutesToClose(eventTime: EpochMicros, stamp: "start" | "end"): number;
}

/** Opens trading hours in a zone. Refuses hours that are out of order or overlap. */
export function openSessions(hours: SessionHours, zone: Zone): Sessions {
  const regular = hours.intervals.flatMap(({ open, close }) => [minutesOf(open), minutesOf(close)]);
  for (let i = 1; i < regular.length; i++) {
    if (regular[i]! < regular[i - 1]! || (i % 2 === 1 && regular[i] === regular[i - 1])) {
      throw invalid(
        `the times ${hours.intervals.map((i) => `${i.open}–${i.close}`).join(", ")} do not ascend`,
      );
    }
  }
  if (regular.length === 0) throw invalid("there is no interval");
  const weekdays = new Set(hours.weekdays);
  const holidays = new Set(hours.holidays);
  const halfDays = new Map(hours.halfDays.map(({ date, close }) => [date, minutesOf(close)]));
  const days = new Map<EpochDays, SessionDay | undefined>();

  function dayOf(date: EpochDays): SessionDay | undefined {
    const known = days.get(date);
    if (known !== undefined || days.has(date)) return known;
    const made = makeDay(date);
    days.set(date, made);
    return made;
  }

  function makeDay(date: EpochDays): SessionDay | undefined {
    const text = formatDate(date);
    if (!weekdays.has(weekdayOf(date)) || holidays.has(text)) return undefined;
    const early = halfDays.get(text);
    const minutes: number[] = [];
    for (let i = 0; i < regular.length; i += 2) {
      const close = Math.min(regular[i + 1]!, early ?? 1440);
      if (regular[i]! < close) minutes.push(regular[i]!, close);
    }
    const bounds = minutes.map((minute) =>
      zone.toInstant(date * MICROS_PER_DAY + minute * MICROS_PER_MINUTE),
    );
    return { open: bounds[0]!, close: bounds.at(-1)!, isHalfDay: early !== undefined, bounds };
  }

  // An instant inside the bar: an end stamp belongs to the time before it.
  const inside = (eventTime: EpochMicros, stamp: "start" | "end") =>
    stamp === "start" ? eventTime : eventTime - 1;
  const dateOf = (eventTime: EpochMicros, stamp: "start" | "end") => zone.dateOf(inside(eventTime, stamp));

  /** Trading microseconds from the open to the event time; NaN when the market is closed that day or at that time. */
  function elapsed(eventTime: EpochMicros, stamp: "start" | "end"): number {
    const day = dayOf(dateOf(eventTime, stamp));
    const at = inside(eventTime, stamp);
    if (day === undefined || at < day.open || at >= day.close) return Number.NaN;
    let sum = 0;
    for (let i = 0; i < day.bounds.length && eventTime > day.bounds[i]!; i += 2) {
      sum += Math.min(eventTime, day.bounds[i + 1]!) - day.bounds[i]!;
    }
    return sum;
  }

  function lengthOf(day: SessionDay): number {
    let sum = 0;
    for (let i = 0; i < day.bounds.length; i += 2) sum += day.bounds[i + 1]! - day.bounds[i]!;
    return sum;
  }

  return {
    dayOf,
    closeOf: (date) => dayOf(date)?.close,
    dateOf,
    isInSession(eventTime, stamp) {
      const at = inside(eventTime, stamp);
      const bounds = dayOf(zone.dateOf(at))?.bounds ?? [];
      for (let i = 0; i < bounds.length; i += 2) if (at >= bounds[i]! && at < bounds[i + 1]!) return true;
      return false;
    },
    minutesFromOpen: (eventTime, stamp) => elapsed(eventTime, stamp) / MICROS_PER_MINUTE,
    minutesToClose(eventTime, stamp) {
      const day = dayOf(dateOf(eventTime, stamp));
      return day === undefined ? Number.NaN : (lengthOf(day) - elapsed(eventTime, stamp)) / MICROS_PER_MINUTE;
    },
  };
}

/** `"09:30"` as minutes since local midnight. */
function minutesOf(text: string): number {
  const match = /^(\d{2}):(\d{2})$/.exec(text);
  const minutes = match === null ? Number.NaN : Number(match[1]) * 60 + Number(match[2]);
  if (!(minutes >= 0 && minutes <= 1440) || Number(match?.[2]) > 59) {
    throw invalid(`${JSON.stringify(text)} is not a time of day; expected "HH:MM" up to "24:00"`);
  }
  return minutes;
}

function invalid(why: string): QuiverError {
  return new QuiverError("invalid-sessions", `Cannot use these trading sessions: ${why}.`, {});
}
