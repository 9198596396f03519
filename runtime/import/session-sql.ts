import { parseDate } from "../../shared/time/dates.ts";
import type { SessionHours } from "../../shared/time/sessions.ts";
import { MICROS_PER_DAY, MICROS_PER_MINUTE } from "../../shared/time/timestamps.ts";
import type { TimeRange } from "./rows-view.ts";
import type { ZoneSql } from "./zone-sql.ts";

/** A condition that holds for dates without trading; only holidays in the range of the data are written out. */
export function outOfSessionDateSql(hours: SessionHours, date: string, range: TimeRange): string {
  const closed = hours.holidays.filter((day) => isNear(day, range)).map((day) => `DATE '${day}'`);
  const isWeekend = `dayofweek(${date}) NOT IN (${hours.weekdays.join(", ")})`;
  return closed.length === 0 ? isWeekend : `(${isWeekend} OR ${date} IN (${closed.join(", ")}))`;
}

/**
 * A condition that holds for intraday bars outside the sessions: for stamps at the start, those not in
 * open ≤ t < close; for stamps at the end, those not in open < t ≤ close. Session times are whole minutes, so
 * the minute of the day decides.
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
  const holidays = hours.holidays.filter((day) => isNear(day, range)).map((date) => parseDate(date)!);
  const intervals = hours.intervals.map(
    ({ open, close }) => `(${minute} >= ${minutesOf(open)} AND ${minute} < ${minutesOf(close)})`,
  );
  const conditions = [
    `NOT (${intervals.join(" OR ")})`,
    ...(hours.weekdays.length === 7 ? [] : [`((${day} + 4) % 7) NOT IN (${hours.weekdays.join(", ")})`]),
    ...(holidays.length === 0 ? [] : [`${day} IN (${holidays.join(", ")})`]),
    ...[
      ...Map.groupBy(
        hours.halfDays.filter((half) => isNear(half.date, range)),
        (half) => half.close,
      ),
    ].map(
      ([close, halves]) =>
        `(${minute} >= ${minutesOf(close)} AND ${day} IN (${halves.map((half) => parseDate(half.date)!).join(", ")}))`,
    ),
  ];
  return `(${conditions.join(" OR ")})`;
}

function isNear(date: string, range: TimeRange): boolean {
  const at = (parseDate(date) ?? 0) * MICROS_PER_DAY;
  return at > range.from - 2 * MICROS_PER_DAY && at < range.to + 2 * MICROS_PER_DAY;
}

function minutesOf(text: string): number {
  return Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
}
