import { describe, expect, test } from "vitest";
import { namedCalendar } from "../../../shared/time/calendars.ts";
import { asOfCutoff, knownTimeOf, openClocks, type Clocks } from "../../../shared/time/clocks.ts";
import { formatDate, parseDate } from "../../../shared/time/dates.ts";
import { parseAsOf, parseDateOrTime, parseEventTime } from "../../../shared/time/parse.ts";
import { formatInstant, parseWrittenTime } from "../../../shared/time/timestamps.ts";

const { sessions, timezone } = namedCalendar("us-equities");
const daily: Clocks = {
  timezone,
  sessions,
  calendar: "us-equities",
  intervalSeconds: "1d",
  stamp: "start",
  availabilitySeconds: 0,
};
const minutes: Clocks = { ...daily, intervalSeconds: 60 };
const utc = (text: string) => parseWrittenTime(text)!.localMicros;
const day = (text: string) => parseDate(text)!;

describe("knownTimeOf()", () => {
  test("of a daily bar is its session's close, else the end of its date", () => {
    const known = (clocks: Clocks, date: string) => formatInstant(knownTimeOf(clocks, day(date)));
    expect(known(daily, "2024-03-08")).toBe("2024-03-08T21:00:00Z");
    expect(known(daily, "2024-03-11")).toBe("2024-03-11T20:00:00Z");
    expect(known(daily, "2024-11-29")).toBe("2024-11-29T18:00:00Z");
    expect(known(daily, "2024-03-09")).toBe("2024-03-10T05:00:00Z");
    expect(known({ ...daily, sessions: null }, "2024-03-08")).toBe("2024-03-09T05:00:00Z");
    expect(known({ ...daily, availabilitySeconds: 900 }, "2024-03-08")).toBe("2024-03-08T21:15:00Z");
  });

  test("of an intraday bar is its end, whichever end its stamp is, and the delay", () => {
    const at = utc("2024-03-08T14:30Z");
    expect(formatInstant(knownTimeOf(minutes, at))).toBe("2024-03-08T14:31:00Z");
    expect(formatInstant(knownTimeOf({ ...minutes, stamp: "end" }, at))).toBe("2024-03-08T14:30:00Z");
    expect(formatInstant(knownTimeOf({ ...minutes, availabilitySeconds: 5 }, at))).toBe(
      "2024-03-08T14:31:05Z",
    );
  });
});

describe("asOfCutoff()", () => {
  test("is the last event time known by then, for every moment around a boundary", () => {
    const cases: [string, string][] = [
      ["2024-03-08T20:59:59.999999Z", "2024-03-07"],
      ["2024-03-08T21:00:00Z", "2024-03-08"],
      // A date without a session becomes known at its end, which is after Friday's close.
      ["2024-03-10T04:59:59Z", "2024-03-08"],
      ["2024-03-10T05:00:00Z", "2024-03-09"],
      ["2024-03-11T19:59:59Z", "2024-03-10"],
      ["2024-03-11T20:00:00Z", "2024-03-11"],
    ];
    for (const [asOf, date] of cases) {
      expect([asOf, formatDate(asOfCutoff(daily, utc(asOf)))]).toEqual([asOf, date]);
    }
    for (const stamp of ["start", "end"] as const) {
      for (const clocks of [
        { ...minutes, stamp },
        { ...minutes, stamp, availabilitySeconds: 7 },
      ]) {
        const asOf = utc("2024-03-08T14:31Z");
        const cutoff = asOfCutoff(clocks, asOf);
        expect(knownTimeOf(clocks, cutoff)).toBe(asOf);
      }
    }
  });

  test("admits exactly the days whose known time has come, over years of days and moments", () => {
    for (const clocks of [
      daily,
      { ...daily, sessions: null },
      { ...daily, availabilitySeconds: 3 * 86_400 },
    ]) {
      const open = openClocks(clocks);
      for (let asOf = utc("2023-12-20T00:00Z"); asOf < utc("2024-04-01T00:00Z"); asOf += 5.7 * 3_600e6) {
        const cutoff = open.asOfCutoff(asOf);
        expect(open.knownTimeOf(cutoff)).toBeLessThanOrEqual(asOf);
        expect(open.knownTimeOf(cutoff + 1)).toBeGreaterThan(asOf);
      }
    }
  });
});

describe("parsing moments", () => {
  test("a bare asOf is the end of its date in the dataset's zone", () => {
    expect(formatInstant(parseAsOf("2015-04-08", timezone))).toBe("2015-04-09T04:00:00Z");
    expect(formatInstant(parseAsOf("20151101", timezone))).toBe("2015-11-02T05:00:00Z");
    expect(formatInstant(parseAsOf("2015-04-08T16:00", timezone))).toBe("2015-04-08T20:00:00Z");
    expect(formatInstant(parseAsOf("2015-04-08T16:00+08:00", timezone))).toBe("2015-04-08T08:00:00Z");
    // A daily bar known at its close is included at the end of its own day, and the next one is not.
    expect(formatDate(asOfCutoff(daily, parseAsOf("2015-04-08", timezone)))).toBe("2015-04-08");
  });

  test("a bound is a date on daily data and an instant on intraday data", () => {
    expect(parseEventTime("2015-04-08", daily, "from")).toBe(day("2015-04-08"));
    expect(parseEventTime("2015-04-08T00:00:00Z", daily, "from")).toBe(day("2015-04-08"));
    expect(parseEventTime("2015-04-08T00:00-04:00", daily, "from")).toBe(day("2015-04-08"));
    expect(formatInstant(parseEventTime("2015-04-08", minutes, "to"))).toBe("2015-04-08T04:00:00Z");
    expect(formatInstant(parseEventTime("2015-04-08 09:30", minutes, "to"))).toBe("2015-04-08T13:30:00Z");
    expect(() => parseEventTime("2015-04-08T09:30", daily, "from")).toThrow(
      'Cannot use `from` "2015-04-08T09:30" on daily data: it has a time of day. Expected a date such as "2015-04-08".',
    );
  });

  test("what is neither is refused with the field and examples", () => {
    expect(() => parseDateOrTime("yesterday", timezone, "to")).toThrow(
      'Cannot read `to` "yesterday": it is neither a date nor a time. Expected for example "2015-04-08", "2015-04-08T14:30:00Z" or "2015-04-08 09:30" (taken in America/New_York).',
    );
    for (const text of ["", "2015-02-30", "2015-04-08T25:00Z", "1428508800"]) {
      expect(() => parseDateOrTime(text, timezone)).toThrow(/^Cannot read `time` /);
    }
  });
});
