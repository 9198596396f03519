import { DuckDBInstance } from "@duckdb/node-api";
import { describe, expect, test } from "vitest";
import { sniffCsv, splitFields } from "../../../runtime/import/sniff-csv.ts";
import { symbolOfFile } from "../../../runtime/import/symbol-of-file.ts";
import { zoneSql } from "../../../runtime/import/zone-sql.ts";
import { outOfSessionTimeSql } from "../../../runtime/import/session-sql.ts";
import { namedCalendar } from "../../../shared/time/calendars.ts";
import { openSessions } from "../../../shared/time/sessions.ts";
import { openZone } from "../../../shared/time/zone.ts";

describe("sniffCsv()", () => {
  const sniff = (text: string, given = {}) => {
    const { separator, columns, skipLines, header, sample } = sniffCsv("x.csv", text, given);
    return { separator, columns, skipLines, header, rows: sample.length };
  };

  test("finds separator, header and the first line of data", () => {
    const columns = ["a", "b", "c"];
    for (const separator of [",", ";", "\t", "|"]) {
      const header = columns.join(separator);
      expect(sniff(`${header}\n1${separator}2${separator}3\n`)).toEqual({
        separator,
        columns,
        skipLines: 1,
        header,
        rows: 1,
      });
    }
    // Decimal commas among semicolons.
    expect(sniff("a;b;c\n1,5;2,5;3,5\n2,5;3,5;4,5").separator).toBe(";");
    expect(sniff('\uFEFF\r\n\r\na,b,c\r\n1,2,3\r\n\r\n"x, y",2,3')).toMatchObject({
      columns,
      skipLines: 3,
      rows: 2,
    });
  });

  test("tells names from data, unless the names are given", () => {
    expect(sniff("19980102,1,2\n", { columns: ["a", "b", "c"] })).toMatchObject({
      header: null,
      skipLines: 0,
      rows: 1,
    });
    expect(sniff("A,B,C\n1,2,3\n", { columns: ["a", "b", "c"] })).toMatchObject({
      header: "A,B,C",
      columns: ["A", "B", "C"],
    });
    expect(() => sniff("19980102,1,2\n")).toThrow("its first line is data");
  });

  test("splitFields() takes quotes apart and leaves stray ones", () => {
    expect(splitFields('a,"b, c","d ""e""",f"g,', ",")).toEqual(["a", "b, c", 'd "e"', 'f"g', ""]);
    expect(splitFields("", ",")).toEqual([""]);
  });
});

describe("symbolOfFile()", () => {
  test.each([
    ["000001.XSHG.1m.csv", "000001.XSHG"],
    ["NVR-2024.csv.gz", "NVR"],
    ["aapl-daily.csv", "aapl"],
    ["aapl-factor.csv", "aapl"],
    ["BRK.B_1min_2024-01.parquet", "BRK.B"],
    ["BF-B.csv", "BF-B"],
    ["600000.csv", "600000"],
    ["^GSPC.csv", "^GSPC"],
    ["SPY_20240102.csv", "SPY"],
    ["/a/b.c/TSLA.csv", "TSLA"],
  ])("%s is %s", (path, symbol) => {
    expect(symbolOfFile(path)).toBe(symbol);
  });

  test.each([
    "20150402.csv.gz",
    "2015-04-02.csv",
    "2024.parquet",
    "bars.parquet",
    "ohlcv_1m_2024.csv",
    "data.csv",
    "202401.csv",
    "a b.csv",
  ])("%s has none", (path) => {
    expect(symbolOfFile(path)).toBeUndefined();
  });
});

describe("time in SQL", () => {
  test("is the same as in shared/time, around every change of clocks and in every session", async () => {
    const instance = await DuckDBInstance.create(":memory:");
    const connection = await instance.connect();
    const day = 86_400e6;
    const from = Date.UTC(2023, 0, 1) * 1000;
    const to = Date.UTC(2024, 11, 31) * 1000;
    // Every 37 minutes for two years, and the microseconds beside each.
    const stamps = Array.from(
      { length: (to - from) / (37 * 60e6) },
      (_, at) => from + at * 37 * 60e6 + (at % 3) - 1,
    );
    const list = `(SELECT unnest([${stamps.join(",")}]::BIGINT[]) AS x)`;
    for (const name of ["America/New_York", "Asia/Shanghai", "Europe/London", "UTC"]) {
      const zone = openZone(name);
      const sql = zoneSql(zone, from, to);
      const rows = (
        await connection.runAndReadAll(`SELECT ${sql.toInstant("x")}, ${sql.toLocal("x")} FROM ${list}`)
      ).getRows();
      expect(rows.map((row) => row.map(Number))).toEqual(
        stamps.map((x) => [zone.toInstant(x), zone.toLocal(x)]),
      );
    }
    for (const name of ["us-equities", "cn-equities", "24x7"]) {
      const { sessions, timezone } = namedCalendar(name);
      const zone = openZone(timezone);
      const open = openSessions(sessions, zone);
      for (const stamp of ["start", "end"] as const) {
        const condition = outOfSessionTimeSql(
          sessions,
          zoneSql(zone, from - day, to),
          "make_timestamptz(x)",
          stamp,
          { from, to },
        );
        const rows = (await connection.runAndReadAll(`SELECT ${condition} FROM ${list}`)).getRows();
        expect(rows.map((row) => row[0])).toEqual(stamps.map((x) => !open.isInSession(x, stamp)));
      }
    }
    connection.closeSync();
    instance.closeSync();
  });
});
