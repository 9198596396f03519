import { didYouMean, QuiverError } from "../errors/index.ts";
import type { SessionHours } from "./sessions.ts";
import { usEquityHolidays } from "./us-equity-holidays.ts";

/** A market's time zone and trading hours under a name that users can type. */
export interface NamedCalendar {
  readonly name: string;
  readonly timezone: string;
  readonly sessions: SessionHours;
}

const WEEKDAYS = [1, 2, 3, 4, 5];

export const CALENDAR_NAMES = ["24x7", "cn-equities", "us-equities"] as const;

/** The calendar of this name. Refuses an unknown name and lists the known ones. */
export function namedCalendar(name: string): NamedCalendar {
  switch (name) {
    case "us-equities": {
      const { holidays, halfDays } = usEquityHolidays(1990, 2035);
      return {
        name,
        timezone: "America/New_York",
        sessions: {
          weekdays: WEEKDAYS,
          intervals: [{ open: "09:30", close: "16:00" }],
          holidays,
          halfDays: halfDays.map((date) => ({ date, close: "13:00" })),
        },
      };
    }
    case "cn-equities":
      // The exchanges announce holidays year by year, so none are listed; days without bars are simply absent.
      return {
        name,
        timezone: "Asia/Shanghai",
        sessions: {
          weekdays: WEEKDAYS,
          intervals: [
            { open: "09:30", close: "11:30" },
            { open: "13:00", close: "15:00" },
          ],
          holidays: [],
          halfDays: [],
        },
      };
    case "24x7":
      return {
        name,
        timezone: "UTC",
        sessions: {
          weekdays: [0, 1, 2, 3, 4, 5, 6],
          intervals: [{ open: "00:00", close: "24:00" }],
          holidays: [],
          halfDays: [],
        },
      };
    default:
      throw new QuiverError(
        "unknown-calendar",
        `Cannot use the calendar ${JSON.stringify(name)}: no such calendar. Expected one of ${CALENDAR_NAMES.join(", ")}.${didYouMean(name, CALENDAR_NAMES)}`,
        { calendar: name, known: CALENDAR_NAMES },
      );
  }
}
