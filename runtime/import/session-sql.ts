import { formatDate, weekdayOf } from "../../shared/time/dates.ts";
import type { SessionHours } from "../../shared/time/sessions.ts";
import { MICROS_PER_DAY, MICROS_PER_MINUTE } from "../../shared/time/timestamps.ts";
import type { TimeRange } from "./rows-view.ts";
import type { ZoneSql } from "./zone-sql.ts";

/** A condition that holds on dates without trading. */
export function outOfSessionDateSql(hours: SessionHours, date: string, range: TimeRange): string {
  const holidays = new Set(hours.holidays);
  return isMarked(`(${date} - DATE '1970-01-01')`, range, (day) => isClosed(hours, holidays, day));
}

/**
 * A condition that holds for intraday bars outside the sessions. Bars stamped at their start are inside if
 * open ≤ t < close, those stamped at their end if open < t ≤ close. Session times are whole minutes, so the minute of
 * the day decides.
 */
export function outOfSessionTimeSql(
  hours: SessionHours,
  zone: ZoneSql,
  ts: string,
  stamp: "start" | "end",
  range: TimeRange,
): string {
  const inside = stamp === "start" ? `epoch_us(${ts})` : `(epoch_us(${ts}) - 1)`;
  const local = zone.toLocal(inside);
  const day = `(${local} // ${MICROS_PER_DAY})`;
  const minute = `((${local} // ${MICROS_PER_MINUTE}) % 1440)`;
  const holidays = new Set(hours.holidays);
  const intervals = hours.intervals.map(
    ({ open, close }) => `(${minute} >= ${minutesOf(open)} AND ${minute} < ${minutesOf(close)})`,
  );
  const isAlwaysOpen = hours.weekdays.length === 7 && holidays.size === 0;
  const early = Map.groupBy(hours.halfDays, (half) => half.close);
  const conditions = [
    `NOT (${intervals.join(" OR ")})`,
    ...(isAlwaysOpen ? [] : [isMarked(day, range, (date) => isClosed(hours, holidays, date))]),
    ...[...early].map(([close, halves]) => {
      const dates = new Set(halves.map((half) => half.date));
      return `(${minute} >= ${minutesOf(close)} AND ${isMarked(day, range, (date) => dates.has(formatDate(date)))})`;
    }),
  ];
  return `(${conditions.join(" OR ")})`;
}

/**
 * Looks a day up in a string of bits over the range of the data. DuckDB would turn a list of dates after IN into a join,
 * which is expensive and runs even if its result is not used.
 */
function isMarked(day: string, range: TimeRange, mark: (day: number) => boolean): string {
  const first = Math.floor(range.from / MICROS_PER_DAY) - 2;
  const last = Math.floor(range.to / MICROS_PER_DAY) + 2;
  let bits = "";
  for (let at = first; at <= last; at++) bits += mark(at) ? "1" : "0";
  return `CASE WHEN ${day} BETWEEN ${first} AND ${last} THEN get_bit('${bits}'::BIT, CAST(${day} - ${first} AS INTEGER)) = 1 ELSE false END`;
}

function isClosed(hours: SessionHours, holidays: ReadonlySet<string>, day: number): boolean {
  return !hours.weekdays.includes(weekdayOf(day)) || holidays.has(formatDate(day));
}

function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}
