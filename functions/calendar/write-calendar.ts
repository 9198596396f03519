import { calendarDays, localDates, type SessionClock, tradingMinutes } from "quiver/kernels";

interface Integers {
  readonly values: Int32Array;
  readonly valid: Uint8Array;
}

interface Flags {
  readonly values: Uint8Array;
  readonly valid: Uint8Array;
}

export interface CalendarColumns {
  readonly day_of_week: Integers;
  readonly day_of_month: Integers;
  readonly month: Integers;
  readonly month_end: Flags;
  readonly half_day: Flags;
  readonly in_session: Flags;
  readonly session_id: Integers;
  readonly minutes_from_open: Float64Array;
  readonly minutes_to_close: Float64Array;
  readonly bar_index: Integers;
}

export interface CalendarClock extends SessionClock {
  readonly intervalSeconds: number;
}

/** The days of the week with trading. */
export type Week = "auto" | "monday-to-friday" | "every-day";

/** Fills the columns for daily bars. A bar is a session of its own if its date is a trading day. */
export function writeDailyBars(
  dates: Int32Array,
  clock: CalendarClock,
  week: Week,
  out: CalendarColumns,
): void {
  writeDates(dates, clock, week === "every-day" || (week === "auto" && lastsAllDay(clock)), out);
  const { in_session: inSession, session_id: id, bar_index: index } = out;
  id.values.set(dates);
  id.valid.set(inSession.values);
  index.values.fill(0);
  index.valid.set(inSession.values);
}

/** Fills the columns for intraday bars: the local date first, then the place in that day's trading hours. */
export function writeIntradayBars(
  ts: BigInt64Array,
  clock: CalendarClock,
  week: Week,
  out: CalendarColumns,
): void {
  const { in_session: inSession, session_id: id, bar_index: index } = out;
  const { minutes_from_open: fromOpen, minutes_to_close: toClose } = out;
  const isEveryDay = clock.sessions.length === 0 || lastsAllDay(clock);
  localDates(ts, clock, id.values);
  writeDates(id.values, clock, week === "every-day" || (week === "auto" && isEveryDay), out);
  tradingMinutes(ts, clock, fromOpen, toClose);
  const barMinutes = clock.intervalSeconds / 60;
  for (let i = 0; i < ts.length; i++) {
    const minute = fromOpen[i]!;
    const isInside = inSession.values[i] === 1 && !Number.isNaN(minute);
    inSession.values[i] = id.valid[i] = index.valid[i] = isInside ? 1 : 0;
    if (isInside) {
      // A bar stamped at its end covers the time before it: the first one ends one bar after the open.
      const bars = minute / barMinutes;
      index.values[i] = clock.stamp === "start" ? Math.floor(bars) : Math.ceil(bars) - 1;
    } else {
      fromOpen[i] = toClose[i] = NaN;
    }
  }
}

function writeDates(
  dates: Int32Array,
  clock: CalendarClock,
  isEveryDay: boolean,
  out: CalendarColumns,
): void {
  const calendar = { ...clock, ...(isEveryDay ? { weekdays: EVERY_DAY } : {}) };
  calendarDays(dates, calendar, {
    dayOfWeek: out.day_of_week.values,
    dayOfMonth: out.day_of_month.values,
    month: out.month.values,
    isMonthEnd: out.month_end.values,
    isHalfDay: out.half_day.values,
    isTradingDay: out.in_session.values,
  });
  for (const name of ALWAYS) out[name].valid.fill(1);
}

const EVERY_DAY = [0, 1, 2, 3, 4, 5, 6];
const ALWAYS = ["day_of_week", "day_of_month", "month", "month_end", "half_day", "in_session"] as const;

function lastsAllDay({ sessions }: CalendarClock): boolean {
  return sessions.length === 1 && sessions[0]![0] === 0 && sessions[0]![1] === 1440;
}
