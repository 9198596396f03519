/** The part of a handler's `context.clock` that says when a market trades. */
export interface TradingHours {
  /** Local trading intervals in minutes since midnight; none means the whole day. */
  readonly sessions: readonly (readonly [openMinute: number, closeMinute: number])[];
  /** Days without trading, in days since 1970-01-01; ascending. */
  readonly holidays: readonly number[];
  /** Days with an early close; ascending. */
  readonly halfDays: readonly { readonly date: number; readonly closeMinute: number }[];
}

/** The trading intervals of one local day: none on a holiday, cut at the early close on a half day. */
export function sessionIntervals(day: number, hours: TradingHours): TradingHours["sessions"] {
  if (isHoliday(day, hours)) return [];
  const intervals = hours.sessions.length === 0 ? WHOLE_DAY : hours.sessions;
  const early = earlyClose(day, hours);
  if (early === undefined) return intervals;
  return intervals.flatMap(([open, close]) =>
    open < early ? [[open, Math.min(close, early)] as const] : [],
  );
}

/** Whether the calendar lists a day as a holiday. */
export function isHoliday(day: number, { holidays }: TradingHours): boolean {
  return holidays[firstNotBefore(holidays.length, (i) => holidays[i]! >= day)] === day;
}

/** The local minute at which a half day ends; undefined for any other day. */
export function earlyClose(day: number, { halfDays }: TradingHours): number | undefined {
  const found = halfDays[firstNotBefore(halfDays.length, (i) => halfDays[i]!.date >= day)];
  return found?.date === day ? found.closeMinute : undefined;
}

const WHOLE_DAY: TradingHours["sessions"] = [[0, 1440]];

/** The first index of an ascending list that is not before the target. */
function firstNotBefore(length: number, isNotBefore: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (isNotBefore(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
