import { runFeature } from "quiver/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import calendar from "../../functions/calendar/index.ts";
import { namedCalendar } from "../../shared/time/index.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../support/open-functions.ts";
import { queryRows } from "../support/open-loading.ts";
import { dataFile, hasRealData, importDataset } from "../support/real-data.ts";

const NAMES = [
  "day_of_week",
  "day_of_month",
  "month",
  "month_end",
  "half_day",
  "in_session",
  "session_id",
  "minutes_from_open",
  "minutes_to_close",
  "bar_index",
] as const;

describe.skipIf(!hasRealData)("calendar of real bars (skipped: ../shared is absent)", () => {
  let functions: OpenedFunctions;
  let scratch: string;
  beforeAll(async () => {
    functions = await openFunctions();
    scratch = functions.dataDir.replace(/data$/, "");
    const one = `'${dataFile("us-1min/bars.parquet")}' WHERE symbol = (SELECT min(symbol) FROM '${dataFile("us-1min/bars.parquet")}')`;
    await queryRows(`COPY (SELECT * FROM ${one} ORDER BY ts) TO '${scratch}us.parquet'`);
    // Holidays with phantom rows are in these years, and month ends before weekends and holidays.
    await queryRows(
      `COPY (SELECT DISTINCT ON (symbol, date) * EXCLUDE (seen) FROM '${dataFile("us-daily/observations.parquet")}'
             WHERE symbol IN ('AAPL', 'AAMC', 'AAME') ORDER BY symbol, date) TO '${scratch}days.parquet'`,
    );
    await importDataset(functions, {
      dataset: "us",
      files: [`${scratch}us.parquet`],
      timezone: "UTC",
      calendar: "us-equities",
    });
    await importDataset(functions, {
      dataset: "days",
      files: [`${scratch}days.parquet`],
      calendar: "us-equities",
    });
    await importDataset(functions, {
      dataset: "cn",
      files: [dataFile("cn-1min/000001.XSHG.1m.csv")],
      calendar: "cn-equities",
      timezone: "Asia/Shanghai",
      stamp: "end",
      symbol: "000001.XSHG",
    });
  });
  afterAll(() => functions.close());

  const { holidays, halfDays } = namedCalendar("us-equities").sessions;
  const list = (dates: readonly string[]) => dates.map((date) => `DATE '${date}'`).join(", ");

  /** Month ends by listing every day of every month and striking out weekends and holidays. */
  const CALENDAR_SQL = `
    trading AS (
      SELECT day::DATE AS day FROM generate_series(DATE '2014-12-01', DATE '2025-02-01', INTERVAL 1 DAY) t(day)
      WHERE isodow(day) < 6 AND day::DATE NOT IN (${list(holidays)})
    ),
    ends AS (SELECT max(day) AS day FROM trading GROUP BY date_trunc('month', day))`;
  const DAY_SQL = `isodow(day) - 1, dayofmonth(day), month(day), day IN (SELECT day FROM ends)`;

  /** Every row as text. */
  function rowsOf({ ts, symbols, columns }: Rows): string[] {
    return ts.map((time, i) =>
      [symbols[i], time, ...NAMES.map((name) => cell(name, columns[name]![i]))].map(asText).join(" "),
    );
  }

  /** Arrow's reader gives dates in milliseconds. */
  const cell = (name: string, value: unknown) =>
    name === "session_id" && value !== null ? Number(value) / 86_400_000 : value;

  function asText(value: unknown): string {
    if (value === null) return "null";
    return typeof value === "string" || typeof value === "boolean" ? String(value) : String(Number(value));
  }

  const expectedRows = async (sql: string): Promise<string[]> =>
    (await queryRows(sql)).map((row) => row.map(asText).join(" "));

  test("us-daily: as DuckDB has it, phantom rows on holidays among them", async () => {
    const rows = await functions.invoke({ function: "calendar", dataset: "days" });
    const expected = await expectedRows(
      `WITH ${CALENDAR_SQL}, bars AS (SELECT symbol, date::VARCHAR::DATE AS day FROM '${scratch}days.parquet')
       SELECT symbol, day - DATE '1970-01-01', ${DAY_SQL}, day IN (${list(halfDays.map(({ date }) => date))}),
         day IN (FROM trading), CASE WHEN day IN (FROM trading) THEN day - DATE '1970-01-01' END, NULL, NULL,
         CASE WHEN day IN (FROM trading) THEN 0 END
       FROM bars ORDER BY 1, 2`,
    );
    expect(rowsOf(rows)).toEqual(expected);
    expect(rows.rowCount).toBeGreaterThan(1_000);
    expect(rows.columns["month_end"]!.filter((flag) => flag === true).length).toBeGreaterThan(40);
  });

  test("us-1min: as DuckDB's own time zones have it, over half days and summer time", async () => {
    const rows = await functions.invoke({ function: "calendar", dataset: "us" });
    const early = list(halfDays.map(({ date }) => date));
    const expected = await expectedRows(
      `WITH ${CALENDAR_SQL},
       wall AS (SELECT symbol, epoch_us(ts::TIMESTAMP) AS us,
                  (ts::TIMESTAMP AT TIME ZONE 'UTC') AT TIME ZONE 'America/New_York' AS wall FROM '${scratch}us.parquet'),
       bars AS (SELECT symbol, us, wall::DATE AS day, date_diff('minute', wall::DATE + INTERVAL '570 minutes', wall) AS minute,
                  CASE WHEN wall::DATE IN (${early}) THEN 210 ELSE 390 END AS total FROM wall),
       placed AS (SELECT *, day IN (FROM trading) AND minute >= 0 AND minute < total AS inside FROM bars)
       SELECT symbol, us, ${DAY_SQL}, day IN (${early}), inside,
         CASE WHEN inside THEN day - DATE '1970-01-01' END, CASE WHEN inside THEN minute END,
         CASE WHEN inside THEN total - minute END, CASE WHEN inside THEN minute END
       FROM placed ORDER BY 1, 2`,
    );
    expect(rowsOf(rows)).toEqual(expected);
    expect(rows.columns["in_session"]!.filter((flag) => flag === false).length).toBeGreaterThan(0);
    expect(rows.columns["half_day"]!.filter((flag) => flag === true).length).toBeGreaterThan(100);
    expect(rows.fields.slice(2)).toEqual([
      "day_of_week: Int32",
      "day_of_month: Int32",
      "month: Int32",
      "month_end: Bool",
      "half_day: Bool",
      "in_session: Bool",
      "session_id: Date32<DAY>",
      "minutes_from_open: Float64",
      "minutes_to_close: Float64",
      "bar_index: Int32",
    ]);
  });

  test("cn-1min: 240 bars a day around the lunch break, stamped at their ends", async () => {
    const rows = await functions.invoke({ function: "calendar", dataset: "cn" });
    expect(rows.rowCount).toBe(14_400);
    const day = (values: readonly unknown[]) => values.slice(0, 240);
    const count = (from: number) => Array.from({ length: 240 }, (_, i) => from + i);
    expect(day(rows.columns["bar_index"]!)).toEqual(count(0));
    expect(day(rows.columns["minutes_from_open"]!)).toEqual(count(1));
    expect(day(rows.columns["minutes_to_close"]!)).toEqual(count(0).toReversed());
    expect(new Set(rows.columns["in_session"])).toEqual(new Set([true]));
    expect(new Set(rows.columns["session_id"]).size).toBe(60);
  });

  test("gives the same rows for any cut of them", async () => {
    const all = rowsOf(await functions.invoke({ function: "calendar", dataset: "cn" }));
    const some = rowsOf(await functions.invoke({ function: "calendar", dataset: "cn", from: "2023-03-01" }));
    const asked = some.length;
    expect(asked).toBeGreaterThan(0);
    expect(asked).toBeLessThan(all.length);
    expect(some).toEqual(all.slice(-asked));
  });
});

describe("calendar", () => {
  const day = (text: string) => Date.parse(text) / 86_400_000;
  const US = {
    sessions: [[570, 960]] as const,
    holidays: [day("2024-03-29")],
    halfDays: [{ date: day("2024-07-03"), closeMinute: 780 }],
  };
  const run = (
    ts: readonly string[],
    clock: NonNullable<Parameters<typeof runFeature>[1]["clock"]>,
    params = {},
  ) => {
    const { outputs } = runFeature(calendar, {
      inputs: { bars: { close: ts.map(() => null) } },
      ts,
      clock,
      params,
    });
    const valuesOf = ({ values, valid }: { values: ArrayLike<number>; valid: Uint8Array }) =>
      Array.from(values, (value, i) => (valid[i] === 1 ? value : null));
    return {
      monthEnd: valuesOf(outputs.month_end),
      halfDay: valuesOf(outputs.half_day),
      inSession: valuesOf(outputs.in_session),
      session: valuesOf(outputs.session_id),
      index: valuesOf(outputs.bar_index),
      fromOpen: [...outputs.minutes_from_open],
    };
  };

  test("of daily bars: a holiday is in no session, and the month ends before it", () => {
    const dates = ["2024-03-27", "2024-03-28", "2024-03-29", "2024-03-30", "2024-07-03"];
    expect(run(dates, US)).toEqual({
      monthEnd: [0, 1, 0, 0, 0],
      halfDay: [0, 0, 0, 0, 1],
      inSession: [1, 1, 0, 0, 1],
      session: [day("2024-03-27"), day("2024-03-28"), null, null, day("2024-07-03")],
      index: [0, 0, null, null, 0],
      fromOpen: [NaN, NaN, NaN, NaN, NaN],
    });
  });

  test("places a bar by its time and not by the bars before it", () => {
    const clock = { ...US, intervalSeconds: 300 };
    const ts = ["2024-03-28T09:25Z", "2024-03-28T09:35Z", "2024-03-28T15:55Z", "2024-03-28T16:00Z"];
    expect(run(ts, clock).index).toEqual([null, 1, 77, null]);
    expect(run(ts, { ...clock, stamp: "end" }).index).toEqual([null, 0, 76, 77]);
    expect(run(["2024-03-28T15:55Z"], clock).index).toEqual([77]);
  });

  test("gives the last bar of an hour that the close cuts a place of its own, however it is stamped", () => {
    const clock = { ...US, intervalSeconds: 3_600 };
    expect(run(["2024-03-28T14:30Z", "2024-03-28T15:30Z"], clock).index).toEqual([5, 6]);
    expect(
      run(["2024-03-28T15:30Z", "2024-03-28T16:00Z"], { ...clock, stamp: "end" as const }).index,
    ).toEqual([5, 6]);
  });

  test("takes every day for a trading day where the sessions last all day, unless told otherwise", () => {
    const always = { sessions: [[0, 1440]] as const };
    expect(run(["2024-03-30", "2024-03-31"], always).monthEnd).toEqual([0, 1]);
    expect(run(["2024-03-30", "2024-03-31"], always, { week: "monday-to-friday" }).inSession).toEqual([0, 0]);
    expect(run(["2024-03-29", "2024-03-31"], {}).monthEnd).toEqual([1, 0]);
    expect(run(["2024-03-29", "2024-03-31"], {}, { week: "every-day" }).monthEnd).toEqual([0, 1]);
  });

  test("of intraday bars without sessions counts from midnight, weekends too", () => {
    const out = run(["2024-03-30T00:07Z", "2024-03-31T23:59Z"], { intervalSeconds: 60 });
    expect(out.index).toEqual([7, 1439]);
    expect(out.monthEnd).toEqual([0, 1]);
    expect(out.inSession).toEqual([1, 1]);
  });

  test("has intraday bars of a weekend in no session where trading is Monday to Friday", () => {
    const out = run(["2024-03-30T10:00Z"], { ...US, intervalSeconds: 60 });
    expect([out.inSession, out.session, out.index, out.fromOpen]).toEqual([[0], [null], [null], [NaN]]);
  });

  test("refuses a week it does not know", () => {
    expect(() => run(["2024-03-30"], US, { week: "weekdays" })).toThrow(
      'Cannot use "weekdays" for the parameter "week": expected "auto", "monday-to-friday" or "every-day".',
    );
  });
});
