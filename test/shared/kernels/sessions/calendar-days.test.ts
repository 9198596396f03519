import { calendarDays, sessionIntervals, type TradingCalendar } from "quiver/kernels";
import { describe, expect, test } from "vitest";

const day = (text: string) => Date.parse(text) / 86_400_000;
const CALENDAR: TradingCalendar = {
  sessions: [[570, 960]],
  holidays: ["2024-03-29", "2024-05-27", "2024-11-28"].map(day),
  halfDays: [
    { date: day("2024-07-03"), closeMinute: 780 },
    { date: day("2024-11-29"), closeMinute: 780 },
  ],
};

function daysOf(dates: readonly string[], calendar = CALENDAR) {
  const column = () => new Int32Array(dates.length).fill(77);
  const flags = () => new Uint8Array(dates.length).fill(77);
  const out = {
    dayOfWeek: column(),
    dayOfMonth: column(),
    month: column(),
    isMonthEnd: flags(),
    isHalfDay: flags(),
    isTradingDay: flags(),
  };
  calendarDays(Int32Array.from(dates, day), calendar, out);
  return out;
}

const datesWhere = (dates: readonly string[], flags: Uint8Array) => dates.filter((_, i) => flags[i] === 1);

/** Every date from one to another, inclusive. */
const range = (from: string, to: string) =>
  Array.from({ length: day(to) - day(from) + 1 }, (_, i) =>
    new Date((day(from) + i) * 86_400_000).toISOString().slice(0, 10),
  );

describe("calendarDays()", () => {
  test("counts weekdays from Monday, and days and months from 1", () => {
    const out = daysOf(["2024-02-29", "2024-03-01", "2024-03-03", "2024-12-31", "1969-12-31"]);
    expect([...out.dayOfWeek]).toEqual([3, 4, 6, 1, 2]);
    expect([...out.dayOfMonth]).toEqual([29, 1, 3, 31, 31]);
    expect([...out.month]).toEqual([2, 3, 3, 12, 12]);
  });

  test("agrees with Date on every day of 1899 to 2101", () => {
    const dates = range("1899-01-01", "2101-12-31");
    const out = daysOf(dates);
    const expected = dates.map((text) => new Date(text));
    expect([...out.dayOfWeek]).toEqual(expected.map((date) => (date.getUTCDay() + 6) % 7));
    expect([...out.dayOfMonth]).toEqual(expected.map((date) => date.getUTCDate()));
    expect([...out.month]).toEqual(expected.map((date) => date.getUTCMonth() + 1));
  });

  test("takes the last day with trading for the end of a month: before a weekend, before a holiday", () => {
    const dates = range("2024-01-01", "2024-06-30");
    expect(datesWhere(dates, daysOf(dates).isMonthEnd)).toEqual([
      "2024-01-31",
      "2024-02-29",
      // The 29th is Good Friday, the 30th and 31st a weekend.
      "2024-03-28",
      "2024-04-30",
      "2024-05-31",
      "2024-06-28",
    ]);
  });

  test("marks a month end whether or not later dates follow", () => {
    for (const date of ["2024-03-28", "2024-06-28"]) {
      expect([date, ...daysOf([date]).isMonthEnd]).toEqual([date, 1]);
      expect(daysOf(["2024-01-02", date, "2024-07-01"]).isMonthEnd[1]).toBe(1);
    }
    expect(daysOf(["2024-03-27"]).isMonthEnd[0]).toBe(0);
  });

  test("has no month end in a month without trading", () => {
    const calendar = { ...CALENDAR, holidays: range("2024-02-01", "2024-02-29").map(day) };
    const dates = range("2024-01-30", "2024-03-30");
    expect(datesWhere(dates, daysOf(dates, calendar).isMonthEnd)).toEqual(["2024-01-31", "2024-03-29"]);
  });

  test("knows the days without trading and the days that end early", () => {
    const dates = ["2024-11-28", "2024-11-29", "2024-11-30", "2024-12-02", "2024-07-03"];
    expect(datesWhere(dates, daysOf(dates).isTradingDay)).toEqual(["2024-11-29", "2024-12-02", "2024-07-03"]);
    expect(datesWhere(dates, daysOf(dates).isHalfDay)).toEqual(["2024-11-29", "2024-07-03"]);
  });

  test("trades on the weekdays it is given", () => {
    const dates = range("2024-06-28", "2024-07-01");
    const every = { ...CALENDAR, weekdays: [0, 1, 2, 3, 4, 5, 6] };
    expect(datesWhere(dates, daysOf(dates, every).isMonthEnd)).toEqual(["2024-06-30"]);
    expect(datesWhere(dates, daysOf(dates, every).isTradingDay)).toEqual(dates);
    expect(datesWhere(dates, daysOf(dates, { ...CALENDAR, weekdays: [0, 6] }).isTradingDay)).toEqual([
      "2024-06-29",
      "2024-06-30",
    ]);
  });

  test("gives a date the same facts alone, repeated, and in any order", () => {
    const dates = ["2024-03-28", "2024-03-28", "2024-07-03", "2024-03-28", "2023-12-29"];
    const out = daysOf(dates);
    dates.forEach((date, i) => {
      const alone = daysOf([date]);
      for (const name of ["dayOfWeek", "dayOfMonth", "month", "isMonthEnd", "isHalfDay"] as const) {
        expect([date, name, out[name][i]]).toEqual([date, name, alone[name][0]]);
      }
    });
  });
});

describe("sessionIntervals()", () => {
  const lunch = { ...CALENDAR, sessions: [[570, 690] as const, [780, 900] as const] };

  test("are the regular ones, none on a holiday, cut on a half day", () => {
    expect(sessionIntervals(day("2024-07-02"), lunch)).toEqual(lunch.sessions);
    expect(sessionIntervals(day("2024-05-27"), lunch)).toEqual([]);
    expect(sessionIntervals(day("2024-07-03"), lunch)).toEqual([[570, 690]]);
    const early = { ...lunch, halfDays: [{ date: day("2024-07-03"), closeMinute: 600 }] };
    expect(sessionIntervals(day("2024-07-03"), early)).toEqual([[570, 600]]);
    expect(sessionIntervals(day("2024-07-04"), early)).toEqual(lunch.sessions);
  });

  test("are the whole day where no hours are known", () => {
    expect(sessionIntervals(0, { sessions: [], holidays: [], halfDays: [] })).toEqual([[0, 1440]]);
  });
});
