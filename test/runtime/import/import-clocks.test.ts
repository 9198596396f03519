import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { namedCalendar } from "../../../shared/time/calendars.ts";
import { openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

const HEADER = "symbol,time,close";
const instants = async () =>
  (await bench.stored("strftime(timezone('UTC', ts), '%Y-%m-%dT%H:%M:%SZ')")).flat();
/** Minutes of a session from one local time to another, end excluded. */
function minutes(day: string, from: string, to: string): string[] {
  const [start, end] = [from, to].map((time) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3)));
  return Array.from({ length: end! - start! }, (_, at) => {
    const minute = start! + at;
    return `${day} ${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;
  });
}
const csv = (times: readonly string[]) => `${HEADER}\n${times.map((time) => `A,${time},10`).join("\n")}\n`;

describe("importFiles() reads times", () => {
  test("without a zone in the zone given, over both changes of daylight saving", async () => {
    const times = [
      "2024-03-08 09:30",
      "2024-03-10 01:59", // the last minute of winter
      "2024-03-10 02:30", // is skipped: moved forward by the gap
      "2024-03-10 03:00",
      "2024-03-11 09:30",
      "2024-11-03 01:30", // happens twice: the first
      "2024-11-03 02:00",
      "2024-11-04 09:30",
    ];
    await bench.run({
      files: [bench.file("naive.csv", csv(times))],
      timezone: "America/New_York",
      intervalSeconds: 60,
    });
    expect(await instants()).toEqual([
      "2024-03-08T14:30:00Z",
      "2024-03-10T06:59:00Z",
      "2024-03-10T07:00:00Z",
      "2024-03-10T07:30:00Z",
      "2024-03-11T13:30:00Z",
      "2024-11-03T05:30:00Z",
      "2024-11-03T07:00:00Z",
      "2024-11-04T14:30:00Z",
    ]);
  });

  test("in every form it knows", async () => {
    const at = "2024-03-08T14:30:00Z";
    const next = "2024-03-08T14:31:00Z";
    const forms: [string, string, string][] = [
      ["2024-03-08T14:30:00Z", "2024-03-08T14:31:00Z", "ISO 8601 with zone"],
      ["2024-03-08 09:30:00-05:00", "2024-03-08 09:31:00-05:00", "ISO 8601 with zone"],
      ["2024-03-08T14:30Z", "2024-03-08T14:31Z", "ISO 8601 with zone"],
      ["2024-03-08 20:00 +0530", "2024-03-08 20:01 +0530", "ISO 8601 with zone"],
      ["2024-03-08 09:30:00.000-05", "2024-03-08 09:31:00.000-05", "ISO 8601 with zone"],
      ["2024-03-08 14:30:00 UTC", "2024-03-08 14:31:00 UTC", "ISO 8601 with zone"],
      ["2024-03-08T09:30", "2024-03-08T09:31", "ISO 8601 without zone"],
      ["2024-03-08 09:30:00.000", "2024-03-08 09:31:00.000", "ISO 8601 without zone"],
      ["20240308 09:30", "20240308 09:31", "yyyymmdd hh:mm"],
      ["20240308 09:30:00", "20240308 09:31:00", "yyyymmdd hh:mm"],
      ["20240308093000", "20240308093100", "yyyymmddhhmmss"],
      ["1709908200", "1709908260", "epoch seconds"],
      ["1709908200000", "1709908260000", "epoch milliseconds"],
      ["1709908200000000", "1709908260000000", "epoch microseconds"],
      ["1709908200000000000", "1709908260000000000", "epoch nanoseconds"],
      ['"Fri, 08 Mar 2024 14:30:00 GMT"', '"Fri, 08 Mar 2024 14:31:00 GMT"', "RFC 1123"],
    ];
    for (const [number, [one, two, form]] of forms.entries()) {
      const path = bench.file(`form-${number}.csv`, csv([one, two]));
      const report = await bench.run({
        dataset: `form-${number}`,
        files: [path],
        timezone: "America/New_York",
      });
      expect(report.inferred.find((fact) => fact.fact === "format of the event time")?.value).toBe(form);
      const stored = await bench.stored(
        "strftime(timezone('UTC', ts), '%Y-%m-%dT%H:%M:%SZ')",
        `form-${number}`,
      );
      expect([form, ...stored.flat()]).toEqual([form, at, next]);
      expect(bench.record(`form-${number}`).clocks?.intervalSeconds).toBe(60);
    }
  });

  test("and quarantines a bare date among instants: the end of a date looks like an offset", async () => {
    const times = [0, 1, 2, 3].map((minute) => `2024-03-08T14:3${minute}:00Z`);
    const odd = ["2024-03-11", "2024/03/12", "2024-03-13Z", "2024-03-14 -05"];
    const report = await bench.run({ files: [bench.file("mixed.csv", csv([...times, ...odd]))] });
    expect(report.total).toMatchObject({ kept: 4, quarantined: { unparsable: 4 } });
    expect(await instants()).toEqual(times);
  });

  test("of Parquet by their types", async () => {
    const types: [string, string][] = [
      ["TIMESTAMPTZ '2024-03-08 14:30:00Z' + i * INTERVAL 1 MINUTE", "instant"],
      ["TIMESTAMP '2024-03-08 09:30:00' + i * INTERVAL 1 MINUTE", "timestamp without zone"],
      [
        "CAST(TIMESTAMP '2024-03-08 09:30:00' + i * INTERVAL 1 MINUTE AS TIMESTAMP_NS)",
        "timestamp without zone",
      ],
      [
        "CAST(TIMESTAMP '2024-03-08 09:30:00' + i * INTERVAL 1 MINUTE AS TIMESTAMP_MS)",
        "timestamp without zone",
      ],
      ["1709908200000 + i * 60000", "epoch milliseconds"],
      ["CAST(1709908200 + i * 60 AS INTEGER)", "epoch seconds"],
      [
        "strftime(TIMESTAMP '2024-03-08 09:30:00' + i * INTERVAL 1 MINUTE, '%Y-%m-%d %H:%M')",
        "ISO 8601 without zone",
      ],
    ];
    for (const [number, [sql, form]] of types.entries()) {
      const path = await bench.parquet(
        `type-${number}.parquet`,
        `SELECT 'A' AS symbol, ${sql} AS ts, 1.0 AS close FROM range(2) AS t(i)`,
      );
      const report = await bench.run({
        dataset: `type-${number}`,
        files: [path],
        timezone: "America/New_York",
      });
      expect(report.inferred.find((fact) => fact.fact === "format of the event time")?.value).toBe(form);
      expect(await bench.stored("epoch_us(ts)", `type-${number}`)).toEqual([
        ["1709908200000000"],
        ["1709908260000000"],
      ]);
    }
  });

  test("as dates where every one is midnight, in the zone or in UTC", async () => {
    const forms: [string, string][] = [
      ["2024-03-08", "2024-03-11"],
      ["20240308", "20240311"],
      ["2024/03/08", "2024/03/11"],
      ["20240308 00:00", "20240311 00:00"],
      ["2024-03-08 00:00:00", "2024-03-11 00:00:00"],
      ["2024-03-08T00:00:00Z", "2024-03-11T00:00:00Z"],
      ["2024-03-08T00:00:00-05:00", "2024-03-11T00:00:00-04:00"],
      ["1709856000000", "1710115200000"],
    ];
    for (const [number, times] of forms.entries()) {
      const path = bench.file(`date-${number}.csv`, csv(times));
      await bench.run({ dataset: `date-${number}`, files: [path], timezone: "America/New_York" });
      expect([times[0], ...(await bench.stored("ts", `date-${number}`)).flat()]).toEqual([
        times[0],
        "2024-03-08",
        "2024-03-11",
      ]);
    }
  });

  test("given in two columns, or in a form of their own", async () => {
    const two = bench.file(
      "two.csv",
      "symbol,date,time,close\nA,2024-03-08,09:30,10\nA,2024-03-08,09:31,10\n",
    );
    await bench.run({ files: [two], timezone: "America/New_York" });
    expect(await instants()).toEqual(["2024-03-08T14:30:00Z", "2024-03-08T14:31:00Z"]);
    const own = bench.file("own.csv", "symbol,date,close\nA,08.03.2024,10\nA,11.03.2024,10\n");
    await bench.run({ dataset: "own", files: [own], timeFormat: "%d.%m.%Y" });
    expect(await bench.stored("ts", "own")).toEqual([["2024-03-08"], ["2024-03-11"]]);
  });
});

describe("importFiles() finds the clocks", () => {
  test("of bars stamped at their start, from where they begin", async () => {
    const times = [...minutes("2024-03-08", "09:30", "16:00"), ...minutes("2024-03-11", "09:30", "16:00")];
    const path = bench.file("start.csv", csv(times));
    const report = await bench.run({ files: [path], timezone: "America/New_York" });
    expect(bench.record().clocks).toEqual({
      timezone: "America/New_York",
      stamp: "start",
      intervalSeconds: 60,
      availabilitySeconds: 0,
      calendar: "us-equities",
      sessions: namedCalendar("us-equities").sessions,
    });
    expect(report.inferred.slice(-3)).toEqual([
      {
        fact: "calendar",
        value: "us-equities",
        why: "100.0 % of the first 780 bars lie in its sessions (America/New_York)",
      },
      { fact: "interval", value: "60 s", why: "the most frequent step between bars of a symbol" },
      { fact: "stamp", value: "start", why: "2 bars are stamped at an opening time, 0 at a closing time" },
    ]);
    expect(report.total.warnings).toEqual({});
  });

  test("of bars stamped at their end, with a lunch break", async () => {
    const day = [...minutes("2024-03-08", "09:31", "11:31"), ...minutes("2024-03-08", "13:01", "15:01")];
    const report = await bench.run({ files: [bench.file("end.csv", csv(day))], timezone: "Asia/Shanghai" });
    expect(bench.record().clocks).toMatchObject({
      timezone: "Asia/Shanghai",
      stamp: "end",
      calendar: "cn-equities",
    });
    expect(report.total.warnings).toEqual({});
    const late = bench.file(
      "late.csv",
      csv([
        "2024-03-11 09:30",
        "2024-03-11 09:31",
        "2024-03-11 12:00",
        "2024-03-11 15:00",
        "2024-03-11 15:01",
      ]),
    );
    expect((await bench.run({ files: [late] })).total.warnings).toEqual({ "out-of-session": 3 });
  });

  test("of bars that fit no calendar, and says so", async () => {
    const path = bench.file(
      "always.csv",
      csv(minutes("2024-03-09", "00:00", "23:59").map((time) => `${time.replace(" ", "T")}Z`)),
    );
    const report = await bench.run({ files: [path] });
    expect(report.inferred.slice(-4)).toEqual([
      {
        fact: "calendar",
        value: "none",
        why: "the bars fit none of 24x7, cn-equities, us-equities; dates are in the zone UTC",
      },
      { fact: "timezone", value: "UTC", why: "neither a zone nor a calendar was given" },
      { fact: "interval", value: "60 s", why: "the most frequent step between bars of a symbol" },
      {
        fact: "stamp",
        value: "start",
        why: "it was not given, and cannot be inferred without sessions",
      },
    ]);
  });

  test("given outright, and sessions by hand", async () => {
    const path = bench.file("given.csv", csv(["2024-03-08T14:30:00Z", "2024-03-08T21:00:00Z"]));
    const hours = {
      weekdays: [5],
      intervals: [{ open: "08:00", close: "16:30" }],
      holidays: [],
      halfDays: [],
    };
    const report = await bench.run({
      files: [path],
      sessions: { timezone: "Europe/London", ...hours },
      stamp: "end",
      intervalSeconds: 300,
      availabilitySeconds: 15,
    });
    expect(bench.record().clocks).toEqual({
      timezone: "Europe/London",
      stamp: "end",
      intervalSeconds: 300,
      availabilitySeconds: 15,
      calendar: null,
      sessions: hours,
    });
    expect(report.total.warnings).toEqual({ "out-of-session": 1 });
    expect(bench.record().latestKnownTime).toBe(Date.parse("2024-03-08T21:00:15Z") * 1000);
  });

  test("of half days and holidays, for minutes and for days", async () => {
    const times = [
      "2024-11-29 12:59",
      "2024-11-29 13:00",
      "2024-11-28 10:00",
      "2024-11-30 10:00",
      "2024-11-27 10:00",
    ];
    const path = bench.file("thanks.csv", csv(times));
    const report = await bench.run({
      files: [path],
      timezone: "America/New_York",
      calendar: "us-equities",
      intervalSeconds: 60,
    });
    expect(report.total.warnings).toEqual({ "out-of-session": 3 });
    const days = bench.file(
      "days.csv",
      "symbol,date,close\nA,2024-11-27,1\nA,2024-11-28,1\nA,2024-11-29,1\nA,2024-11-30,1\n",
    );
    const daily = await bench.run({ dataset: "daily", files: [days], calendar: "us-equities" });
    expect(daily.total.warnings).toEqual({ "out-of-session": 2 });
    // The last day is a Saturday without a session: known at its end.
    expect(bench.record("daily").latestKnownTime).toBe(Date.parse("2024-12-01T05:00:00Z") * 1000);
  });
});
