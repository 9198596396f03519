import { dateParts, daysOf, weekdayOf } from "../../time/dates.ts";
import { earlyClose, isHoliday, type TradingHours } from "./session-intervals.ts";

/** The trading hours of a market and the days of its week. */
export interface TradingCalendar extends TradingHours {
  /** Weekdays with trading; 0 is Sunday. Default Monday to Friday. */
  readonly weekdays?: readonly number[] | undefined;
}

/** The outputs of `calendarDays`, with one element per date. */
export interface CalendarDays {
  /** 0 is Monday, 6 is Sunday, as in pandas. */
  readonly dayOfWeek: Int32Array;
  readonly dayOfMonth: Int32Array;
  /** 1 is January. */
  readonly month: Int32Array;
  /** 1 on the last trading day of its month. */
  readonly isMonthEnd: Uint8Array;
  /** 1 on a day with an early close. */
  readonly isHalfDay: Uint8Array;
  /** 1 on a weekday with trading that is not a holiday. */
  readonly isTradingDay: Uint8Array;
}

/**
 * Facts about each date that follow from the date and the market's calendar alone. Whether a date is the last trading
 * day of its month is derived from holidays and weekdays, never from the dates that follow it.
 *
 * `dates` are days since 1970-01-01 in any order; ascending dates are fastest. Source: the Gregorian calendar.
 */
export function calendarDays(dates: Int32Array, calendar: TradingCalendar, out: CalendarDays): void {
  // A bit mask of weekdays, because it is looked up for each date.
  const weekdays = (calendar.weekdays ?? MONDAY_TO_FRIDAY).reduce((mask, day) => mask | (1 << day), 0);
  let date = NaN;
  let month = monthOf(0, weekdays, calendar);
  let isTradingDay = 0;
  let isHalfDay = 0;
  for (let i = 0; i < dates.length; i++) {
    if (dates[i] !== date) {
      date = dates[i]!;
      if (date < month.first || date > month.last) month = monthOf(date, weekdays, calendar);
      isTradingDay = isTrading(date, weekdays, calendar) ? 1 : 0;
      isHalfDay = isTradingDay === 1 && earlyClose(date, calendar) !== undefined ? 1 : 0;
    }
    out.dayOfWeek[i] = (weekdayOf(date) + 6) % 7;
    out.dayOfMonth[i] = date - month.first + 1;
    out.month[i] = month.number;
    out.isMonthEnd[i] = date === month.lastTradingDay ? 1 : 0;
    out.isHalfDay[i] = isHalfDay;
    out.isTradingDay[i] = isTradingDay;
  }
}

const MONDAY_TO_FRIDAY = [1, 2, 3, 4, 5];

/** The month around a date: its days, and its last day with trading (NaN if it has none). */
function monthOf(date: number, weekdays: number, calendar: TradingCalendar) {
  const { year, month, day } = dateParts(date);
  const first = date - day + 1;
  const last = (month === 12 ? daysOf(year + 1, 1, 1) : daysOf(year, month + 1, 1)) - 1;
  let lastTradingDay = last;
  while (lastTradingDay >= first && !isTrading(lastTradingDay, weekdays, calendar)) lastTradingDay--;
  return { number: month, first, last, lastTradingDay: lastTradingDay < first ? NaN : lastTradingDay };
}

function isTrading(date: number, weekdays: number, calendar: TradingCalendar): boolean {
  return ((weekdays >> weekdayOf(date)) & 1) === 1 && !isHoliday(date, calendar);
}
