import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { CALENDAR_NAMES, namedCalendar } from "../../../shared/time/calendars.ts";
import { daysOf, formatDate, parseDate } from "../../../shared/time/dates.ts";
import { openSessions, type SessionHours } from "../../../shared/time/sessions.ts";
import { formatInstant, parseWrittenTime } from "../../../shared/time/timestamps.ts";
import { openZone } from "../../../shared/time/zone.ts";

const open = (name: string) => {
  const { sessions, timezone } = namedCalendar(name);
  return openSessions(sessions, openZone(timezone));
};
const utc = (text: string) => parseWrittenTime(text)!.localMicros;
const day = (text: string) => parseDate(text)!;

describe("openSessions()", () => {
  test("opens New York at the same wall clock in summer and in winter", () => {
    const us = open("us-equities");
    const hours = (date: string) => {
      const found = us.dayOf(day(date));
      return found === undefined
        ? undefined
        : [formatInstant(found.open), formatInstant(found.close), found.isHalfDay];
    };
    expect(hours("2024-03-08")).toEqual(["2024-03-08T14:30:00Z", "2024-03-08T21:00:00Z", false]);
    expect(hours("2024-03-11")).toEqual(["2024-03-11T13:30:00Z", "2024-03-11T20:00:00Z", false]);
    expect(hours("2024-11-29")).toEqual(["2024-11-29T14:30:00Z", "2024-11-29T18:00:00Z", true]);
    expect(hours("2024-11-28")).toBeUndefined();
    expect(hours("2024-11-30")).toBeUndefined();
  });

  test("tells bars in and out of session by the end they are stamped at", () => {
    const cn = open("cn-equities");
    // 09:30 to 11:30 and 13:00 to 15:00 in Shanghai.
    const cases: [string, boolean, boolean][] = [
      ["2024-03-08T01:29Z", false, false],
      ["2024-03-08T01:30Z", true, false],
      ["2024-03-08T01:31Z", true, true],
      ["2024-03-08T03:29Z", true, true],
      ["2024-03-08T03:30Z", false, true],
      ["2024-03-08T05:00Z", true, false],
      ["2024-03-08T07:00Z", false, true],
      ["2024-03-09T02:00Z", false, false],
    ];
    for (const [text, start, end] of cases) {
      expect([text, cn.isInSession(utc(text), "start"), cn.isInSession(utc(text), "end")]).toEqual([
        text,
        start,
        end,
      ]);
    }
  });

  test("counts minutes of trading, the lunch break left out", () => {
    const cn = open("cn-equities");
    const minutes = (text: string, stamp: "start" | "end") => [
      cn.minutesFromOpen(utc(text), stamp),
      cn.minutesToClose(utc(text), stamp),
    ];
    expect(minutes("2024-03-08T01:30Z", "start")).toEqual([0, 240]);
    expect(minutes("2024-03-08T01:31Z", "end")).toEqual([1, 239]);
    expect(minutes("2024-03-08T03:30Z", "end")).toEqual([120, 120]);
    expect(minutes("2024-03-08T05:00Z", "start")).toEqual([120, 120]);
    expect(minutes("2024-03-08T05:01Z", "end")).toEqual([121, 119]);
    expect(minutes("2024-03-08T07:00Z", "end")).toEqual([240, 0]);
    expect(minutes("2024-03-08T07:00Z", "start")).toEqual([Number.NaN, Number.NaN]);
    expect(minutes("2024-03-09T02:00Z", "start")).toEqual([Number.NaN, Number.NaN]);
  });

  test("gives a bar stamped at midnight, its end, to the day before", () => {
    const always = open("24x7");
    expect(formatDate(always.dateOf(utc("2024-03-09T00:00Z"), "end"))).toBe("2024-03-08");
    expect(formatDate(always.dateOf(utc("2024-03-09T00:00Z"), "start"))).toBe("2024-03-09");
    expect(always.isInSession(utc("2024-03-09T00:00Z"), "end")).toBe(true);
    expect(formatInstant(always.closeOf(day("2024-03-08"))!)).toBe("2024-03-09T00:00:00Z");
  });

  test("refuses hours that make no sense", () => {
    const hours = (...intervals: [string, string][]): SessionHours => ({
      weekdays: [1],
      intervals: intervals.map(([from, to]) => ({ open: from, close: to })),
      holidays: [],
      halfDays: [],
    });
    const zone = openZone("UTC");
    const refusal = (given: SessionHours) => () => openSessions(given, zone);
    expect(refusal(hours())).toThrow("Cannot use these trading sessions: there is no interval.");
    expect(refusal(hours(["16:00", "09:30"]))).toThrow(
      "Cannot use these trading sessions: the times 16:00–09:30 do not ascend.",
    );
    expect(refusal(hours(["09:30", "09:30"]))).toThrow(
      "Cannot use these trading sessions: the times 09:30–09:30 do not ascend.",
    );
    expect(refusal(hours(["09:30", "12:00"], ["11:00", "15:00"]))).toThrow(
      "Cannot use these trading sessions: the times 09:30–12:00, 11:00–15:00 do not ascend.",
    );
    expect(refusal(hours(["9:30", "16:00"]))).toThrow(
      'Cannot use these trading sessions: "9:30" is not a time of day; expected "HH:MM" up to "24:00".',
    );
    expect(refusal(hours(["09:75", "16:00"]))).toThrow(
      'Cannot use these trading sessions: "09:75" is not a time of day; expected "HH:MM" up to "24:00".',
    );
    expect(refusal(hours(["09:30", "24:01"]))).toThrow(
      'Cannot use these trading sessions: "24:01" is not a time of day; expected "HH:MM" up to "24:00".',
    );
  });
});

describe("namedCalendar()", () => {
  test("has every name it lists and refuses others", () => {
    expect(CALENDAR_NAMES.map((name) => namedCalendar(name).name)).toEqual([...CALENDAR_NAMES]);
    expect(() => namedCalendar("nyse")).toThrow(
      'Cannot use the calendar "nyse": no such calendar. Expected one of 24x7, cn-equities, us-equities.',
    );
  });

  test("closes New York on its holidays, by rule and without", () => {
    const { holidays, halfDays } = namedCalendar("us-equities").sessions;
    const of = (year: string) =>
      holidays.filter((date) => date.startsWith(year)).map((date) => date.slice(5));
    expect(of("2012")).toEqual([
      "01-02",
      "01-16",
      "02-20",
      "04-06",
      "05-28",
      "07-04",
      "09-03",
      "10-29",
      "10-30",
      "11-22",
      "12-25",
    ]);
    expect(of("2021")).toEqual([
      "01-01",
      "01-18",
      "02-15",
      "04-02",
      "05-31",
      "07-05",
      "09-06",
      "11-25",
      "12-24",
    ]);
    // New Year's Day of 2022 was a Saturday and not observed on another day. Juneteenth was a Sunday.
    expect(of("2022")).toEqual([
      "01-17",
      "02-21",
      "04-15",
      "05-30",
      "06-20",
      "07-04",
      "09-05",
      "11-24",
      "12-26",
    ]);
    const halves = (year: string) =>
      halfDays
        .filter(({ date }) => date.startsWith(year))
        .map(({ date, close }) => `${date.slice(5)} ${close}`);
    expect(halves("2002")).toEqual(["07-05 13:00", "11-29 13:00", "12-24 13:00"]);
    expect(halves("2013")).toEqual(["07-03 13:00", "11-29 13:00", "12-24 13:00"]);
    expect(halves("2021")).toEqual(["11-26 13:00"]);
  });

  const spy = fileURLToPath(
    new URL("../../../../shared/data/us-corporate-actions/spy-daily.csv", import.meta.url),
  );
  test.skipIf(!existsSync(spy))(
    "has a session in New York on exactly the days SPY traded, 1998 to 2021 (needs ../shared/data)",
    () => {
      const traded = readFileSync(spy, "utf8")
        .trim()
        .split("\n")
        .map((line) => formatDate(parseDate(line.slice(0, 8))!));
      const us = open("us-equities");
      const sessions = [];
      for (let date = parseDate(traded[0]!)!; date <= parseDate(traded.at(-1)!)!; date++) {
        if (us.dayOf(date) !== undefined) sessions.push(formatDate(date));
      }
      expect(sessions).toEqual(traded);
      expect(us.dayOf(daysOf(2001, 9, 11))).toBeUndefined();
    },
  );
});
