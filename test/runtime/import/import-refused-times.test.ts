import { existsSync, readdirSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectRefusal, HEADER, openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

const ROW = "A,2024-01-02,10,11,9,10.5,100";
const GOOD = `${HEADER}\n${ROW}\n`;

describe("importFiles() refuses, in one sentence and with nothing written,", () => {
  afterEach(() => {
    // Whatever was refused left no trace of a dataset.
    expect(existsSync(bench.dataDir) ? readdirSync(bench.dataDir) : []).toEqual([]);
  });

  test("a form of time it does not know, and one that could be two", async () => {
    const path = bench.file("forms.csv", "symbol,date,close\nA,03/04/2024,10\n");
    await expectRefusal(
      bench.run({ files: [path] }),
      "import-ambiguous",
      `Cannot import ${path}: the format of the event time in date was not recognised (for example "03/04/2024"). Pass --time-format with a strptime format, for example "%d/%m/%Y %H:%M".`,
    );
  });

  test("intraday times without a zone", async () => {
    const csv = bench.file("naive.csv", "symbol,time,close\nA,2024-01-02 09:30,10\nA,2024-01-02 09:31,10\n");
    await expectRefusal(
      bench.run({ files: [csv], calendar: "us-equities" }),
      "timezone-needed",
      `Cannot import ${csv}: the times in its column "time" have no zone (for example "2024-01-02 09:30"). Pass the zone they are written in, for example --tz America/New_York, --tz Asia/Shanghai or --tz UTC.`,
    );
    const parquet = await bench.parquet(
      "naive.parquet",
      "SELECT 'A' AS symbol, TIMESTAMP '2024-01-02 09:30' AS ts, 1.0 AS close",
    );
    await expectRefusal(
      bench.run({ files: [parquet] }),
      "timezone-needed",
      `Cannot import ${parquet}: the times in its column "ts" have no zone (for example "2024-01-02 09:30:00"). Pass the zone they are written in, for example --tz America/New_York, --tz Asia/Shanghai or --tz UTC.`,
    );
  });

  test("a zone, a calendar and sessions that are not", async () => {
    const path = bench.file(
      "zoned.csv",
      "symbol,time,close\nA,2024-01-02T09:30Z,10\nA,2024-01-02T09:31Z,10\n",
    );
    await expectRefusal(
      bench.run({ files: [path], timezone: "Mars/Base" }),
      "unknown-timezone",
      'Cannot use the time zone "Mars/Base": no such zone is known. Expected an IANA name such as "America/New_York", "Asia/Shanghai" or "UTC".',
    );
    await expectRefusal(
      bench.run({ files: [path], calendar: "us-equites" }),
      "unknown-calendar",
      'Cannot use the calendar "us-equites": no such calendar. Expected one of 24x7, cn-equities, us-equities. Did you mean "us-equities"?',
    );
    const hours = {
      timezone: "UTC",
      weekdays: [1],
      intervals: [{ open: "16:00", close: "09:30" }],
      holidays: [],
      halfDays: [],
    };
    await expectRefusal(
      bench.run({ files: [path], sessions: hours }),
      "invalid-sessions",
      "Cannot use these trading sessions: the times 16:00–09:30 do not ascend.",
    );
  });

  test("bars of a length nobody can tell", async () => {
    const path = bench.file("one.csv", "symbol,time,close\nA,2024-01-02T09:30Z,10\n");
    await expectRefusal(
      bench.run({ files: [path] }),
      "import-ambiguous",
      `Cannot import ${path}: the length of its bars cannot be inferred from their times. Pass it, for example --interval 60s.`,
    );
  });

  test("minutes whose time of day was lost on the way", async () => {
    const path = await bench.parquet(
      "minutes.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-02' + (i // 240)::INT AS date, 10.0 + i AS close FROM range(480) AS t(i)",
    );
    await expectRefusal(
      bench.run({ files: [path] }),
      "time-of-day-lost",
      `Cannot import ${path}: 480 different rows share 2 pairs of symbol and date, with up to 240 rows per pair. Its column "date" holds only dates: a date64 column of minutes loses its time of day in Parquet. Write it as a timestamp; or, if the rows were observed at different times, pass the column with those times as --known-at.`,
    );
    await expectRefusal(
      bench.run({ files: [path], intervalSeconds: 60 }),
      "time-of-day-lost",
      `Cannot import ${path} as bars of 60 seconds: its times, in date, are dates without a time of day (for example "2024-01-02"). Pass --interval 1d for daily bars; minutes need a column of timestamps (a date64 column loses its time of day in Parquet).`,
    );
    const midnights = bench.file(
      "midnights.csv",
      "symbol,time,close\nA,2024-01-02T00:00Z,10\nA,2024-01-03T00:00Z,10\n",
    );
    await expectRefusal(
      bench.run({ files: [midnights], intervalSeconds: 60 }),
      "time-of-day-lost",
      `Cannot import ${midnights} as bars of 60 seconds: every time in time is midnight. Pass --interval 1d for daily bars; minutes need a column of timestamps (a date64 column loses its time of day in Parquet).`,
    );
  });

  test("an intraday interval for dates, be it one row or a file beside one of minutes", async () => {
    const one = bench.file("one.csv", GOOD);
    const minutes = bench.file(
      "minutes.csv",
      `${HEADER.replace("date", "time")}\n${ROW.replace("01-02", "01-02T14:30Z")}\n${ROW.replace("01-02", "01-02T14:31Z")}\n`,
    );
    const message = `Cannot import ${one} as bars of 5 seconds: its times, in date, are dates without a time of day (for example "2024-01-02"). Pass --interval 1d for daily bars; minutes need a column of timestamps (a date64 column loses its time of day in Parquet).`;
    await expectRefusal(bench.run({ files: [one], intervalSeconds: 5 }), "time-of-day-lost", message);
    await expectRefusal(
      bench.run({ files: [minutes, one], intervalSeconds: 5 }),
      "time-of-day-lost",
      message,
    );
  });
});
