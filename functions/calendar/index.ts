import { bool, count, date32, defineFeature, float64, int32 } from "quiver";
import { z } from "zod";
import { writeDailyBars, writeIntradayBars } from "./write-calendar.ts";

/**
 * Facts that follow from a bar's date and time alone, for daily and intraday bars. No other row is read: the last trading
 * day of a month follows from the calendar's weekdays and holidays, which are known in advance.
 *
 * - `day_of_week` (0 Monday to 6 Sunday), `day_of_month` and `month` (both from 1): of the bar's local date.
 * - `month_end`: the date is the last trading day of its month; `half_day`: trading ends early.
 * - `in_session`: the bar lies in the trading hours of a trading day (open <= start stamp < close, or
 *   open < end stamp <= close); for a daily bar, the date is a trading day.
 * - `session_id`: the session's local date, the same for all symbols; null where `in_session` is false.
 * - `minutes_from_open`, `minutes_to_close`: minutes of trading from the day's open to `ts` and from `ts` to the day's
 *   close, without breaks; null outside the sessions and on daily bars.
 * - `bar_index`: the bar's place in its session, from 0. It counts intervals whether or not there was a trade, so the same
 *   index is the same time of day for every symbol; 0 on daily bars, null outside the sessions.
 *
 * If a calendar lists no holidays (cn-equities), every weekday counts as a trading day.
 */
export default defineFeature({
  description: "Day of week and month, month ends, half days, and a bar's place in its session",
  source: "The Gregorian calendar and the dataset's sessions, holidays and half days",
  params: z.object({
    week: z
      .enum(["auto", "monday-to-friday", "every-day"])
      .default("auto")
      .describe(
        "trading days; auto: every day if sessions last the whole day or intraday bars have none, otherwise Monday to Friday",
      ),
  }),
  // A function must read something, because the rows of its input are the rows of its output.
  inputs: { bars: { close: float64 } },
  outputs: {
    day_of_week: int32,
    day_of_month: int32,
    month: int32,
    month_end: bool,
    half_day: bool,
    in_session: bool,
    session_id: date32,
    minutes_from_open: count,
    minutes_to_close: count,
    bar_index: int32.as("count"),
  },
  memory: { lookBack: 0 },
  handler(_, out, { params, ts, clock }) {
    if (ts instanceof BigInt64Array) writeIntradayBars(ts, clock, params.week, out);
    else writeDailyBars(ts, clock, params.week, out);
  },
});
