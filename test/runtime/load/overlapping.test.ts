import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { join } from "node:path";
import type { RowSetKey } from "../../../shared/protocol/row-set.ts";
import type { DatasetColumn, DatasetRecord } from "../../../runtime/store/dataset.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import {
  filesOf,
  openLoading,
  ownColumn,
  queryRows,
  valuesOf,
  wholeKey,
  type Loading,
} from "../../support/open-loading.ts";

const TS = ownColumn("ts", "date32");
const CLOSE = ownColumn("close", "float64");
const VOLUME = ownColumn("volume", "int64");
const DAY = 86_400_000_000;

let loading: Loading;

beforeAll(() => {
  loading = openLoading({ partRows: 500 });
});

afterAll(() => loading.close());

async function loadAll(key: RowSetKey, columns = [TS, CLOSE, VOLUME]) {
  const handle = await loading.openRowSets().open(key);
  const loaded = await handle.load(columns);
  handle.release();
  return { index: handle.index, columns: loaded.map(valuesOf) };
}

/** The rows of a query in the shape of a row set: symbol, then the columns. */
async function expected(sql: string) {
  const rows = await queryRows(sql);
  const symbols = [...new Set(rows.map(([symbol]) => symbol as string))];
  return {
    symbols,
    firstRows: [...symbols.map((symbol) => rows.findIndex((row) => row[0] === symbol)), rows.length],
    columns: [
      rows.map((row) => Number(row[1])),
      rows.map((row) => row[2] as number),
      rows.map((row) => BigInt(row[3] as number)),
    ],
  };
}

const SELECTED = "symbol, ts - DATE '1970-01-01', close::DOUBLE, volume::DOUBLE";

describe("a dataset of one file a day", () => {
  let record: DatasetRecord;
  const days = { symbolCount: 30, dayCount: 120 };

  beforeAll(async () => {
    record = await makeDataset({
      dataDir: loading.dataDir,
      name: "per-day",
      columns: DAILY_COLUMNS,
      files: Array.from({ length: 120 }, (_, day) => dailyBarsSql({ ...days, onlyDayFromEnd: 119 - day })),
    });
    expect(record.layout).toBe("overlapping");
  });

  test("gives the rows that the same bars in symbol order give", async () => {
    const { index, columns } = await loadAll(wholeKey(record));
    const all = await expected(
      `SELECT ${SELECTED} FROM ${filesOf(loading.dataDir, record)} ORDER BY symbol, ts`,
    );
    expect(index).toMatchObject({ symbols: all.symbols, firstRows: all.firstRows, tsType: "date32" });
    expect(columns).toEqual(all.columns);
    const ordered = await makeDataset({
      dataDir: loading.dataDir,
      name: "ordered",
      columns: DAILY_COLUMNS,
      files: [dailyBarsSql(days)],
    });
    expect(ordered.layout).toBe("ordered");
    expect((await loadAll(wholeKey(ordered))).columns).toEqual(columns);
  });

  test("aligns a column loaded later, by another process, with those loaded first", async () => {
    const first = await loading.openRowSets().open(wholeKey(record));
    await first.load([TS, CLOSE]);
    first.release();
    const later = await loading.openRowSets().open(wholeKey(record));
    const [open, ts] = await later.load([ownColumn("open", "float32"), TS]);
    const rows = await queryRows(
      `SELECT open, ts - DATE '1970-01-01' FROM ${filesOf(loading.dataDir, record)} ORDER BY symbol, ts`,
    );
    expect(valuesOf(open!)).toEqual(rows.map((row) => row[0]));
    expect(valuesOf(ts!)).toEqual(rows.map((row) => Number(row[1])));
    expect(open!.parts.length).toBeGreaterThan(2);
    later.release();
  });

  test("gives a few symbols alone", async () => {
    const symbols = ["S000004", "S000021"];
    const { index, columns } = await loadAll(wholeKey(record, { symbols }));
    const some = await expected(
      `SELECT ${SELECTED} FROM ${filesOf(loading.dataDir, record)} WHERE symbol IN ('S000004', 'S000021') ORDER BY symbol, ts`,
    );
    expect(index).toMatchObject({ symbols, firstRows: some.firstRows });
    expect(columns).toEqual(some.columns);
  });

  test("as of a moment gives the bars known by then", async () => {
    // New York closes at 16:00, 21:00 UTC in winter; the last bar is from Monday 2024-01-01.
    const close = Date.UTC(2023, 11, 29, 21) * 1000;
    for (const [asOfMicros, last] of [
      [close, "2023-12-29"],
      [close - 1, "2023-12-28"],
    ] as const) {
      const { columns } = await loadAll(wholeKey(record, { asOfMicros }));
      const some = await expected(
        `SELECT ${SELECTED} FROM ${filesOf(loading.dataDir, record)} WHERE ts <= DATE '${last}' ORDER BY symbol, ts`,
      );
      expect(columns).toEqual(some.columns);
    }
  });
});

describe("a bitemporal dataset", () => {
  const columns: readonly DatasetColumn[] = [
    ...DAILY_COLUMNS.slice(0, 2),
    { name: "known_at", type: "timestamp", nullable: false },
    { name: "close", type: "float64", nullable: false },
    { name: "volume", type: "int64", nullable: true },
  ];
  let record: DatasetRecord;

  beforeAll(async () => {
    // Every bar is observed on its own day, and some again one and three days later with different values.
    const base = `
      SELECT 'S' || lpad(i::VARCHAR, 3, '0') AS symbol, DATE '2024-01-01' + d::INTEGER AS ts,
        epoch_us(DATE '2024-01-01') + (d + seen) * ${DAY} AS micros, hash(i * 1000 + d * 7 + seen) AS h, seen
      FROM range(25) s(i), range(60) t(d), (VALUES (0), (1), (3)) v(seen)
      WHERE (seen = 0 OR hash(i + d * 31 + seen) % 5 = 0) AND NOT (i = 7 AND d < 40)`;
    const rows = (where: string) => `
      SELECT symbol, ts, make_timestamp(micros) AT TIME ZONE 'UTC' AS known_at, (h % 100000) / 7 AS close,
        CASE WHEN h % 11 = 0 THEN NULL ELSE (h % 1000)::BIGINT END AS volume
      FROM (${base}) WHERE ${where}`;
    record = await makeDataset({
      dataDir: loading.dataDir,
      name: "seen",
      columns,
      files: [rows("seen = 0"), rows("seen > 0")],
    });
    expect(record).toMatchObject({ layout: "overlapping", knownTime: "known_at" });
  });

  test.each([null, 0, 1, 2, 3, 17.5, 30, 59, 61, 62])(
    "gives the latest per bar of what was known on day %s",
    async (day) => {
      const asOfMicros = day === null ? null : Date.UTC(2024, 0, 1) * 1000 + day * DAY;
      const known = asOfMicros === null ? "true" : `epoch_us(known_at) <= ${asOfMicros}`;
      const wanted = await queryRows(
        `SELECT symbol, ts - DATE '1970-01-01', close, volume::DOUBLE, epoch_us(known_at)::DOUBLE
         FROM ${filesOf(loading.dataDir, record)} WHERE ${known}
         QUALIFY row_number() OVER (PARTITION BY symbol, ts ORDER BY known_at DESC) = 1 ORDER BY symbol, ts`,
      );
      const handle = await loading.openRowSets().open(wholeKey(record, { asOfMicros }));
      const [ts, close, volume, knownAt, symbol] = (
        await handle.load([
          TS,
          CLOSE,
          ownColumn("volume", "int64", true),
          ownColumn("known_at", "timestamp"),
          ownColumn("symbol", "utf8"),
        ])
      ).map(valuesOf);
      expect(symbol).toEqual(wanted.map((row) => row[0]));
      expect(ts).toEqual(wanted.map((row) => Number(row[1])));
      expect(close).toEqual(wanted.map((row) => row[2]));
      expect(volume).toEqual(wanted.map((row) => (row[3] === null ? null : BigInt(row[3] as number))));
      expect(knownAt).toEqual(wanted.map((row) => BigInt(row[4] as number)));
      handle.release();
    },
  );

  test("counts nulls of the rows it gives, not of those that were replaced", async () => {
    const sql = (
      known: string,
    ) => `SELECT count(*)::DOUBLE FROM (SELECT volume FROM ${filesOf(loading.dataDir, record)}
      WHERE ${known} QUALIFY row_number() OVER (PARTITION BY symbol, ts ORDER BY known_at DESC) = 1) WHERE volume IS NULL`;
    const [row] = await queryRows(sql("true"));
    const handle = await loading.openRowSets().open(wholeKey(record));
    await expect(handle.load([ownColumn("volume", "int64")])).rejects.toMatchObject({
      code: "column-has-nulls",
      facts: { nullCount: row![0] },
    });
    handle.release();
  });

  test("gives symbols that were not known yet no rows, and keeps them", async () => {
    const asOfMicros = Date.UTC(2024, 0, 10) * 1000;
    const { index } = await loadAll(wholeKey(record, { asOfMicros }), [TS]);
    expect(index.symbols).toHaveLength(25);
    expect(index.firstRows[8]).toBe(index.firstRows[7]);
  });
});

test.each([null, ["B", "C"]])(
  "columns read from pages and columns that DuckDB reads are aligned, for symbols %j",
  async (symbols) => {
    const row = (symbol: string, i: string, day: string) =>
      `SELECT '${symbol}' AS symbol, DATE '2024-01-01' + (${day})::INTEGER AS ts, i::DOUBLE AS number,
         CASE WHEN i % 3 = 0 THEN NULL ELSE 't' || (i % 5) END AS text,
         CASE WHEN i % 4 = 0 THEN NULL ELSE i % 2 = 0 END AS flag,
         CASE WHEN i % 7 = 0 THEN NULL ELSE i::INTEGER END AS count FROM range(${i}) t(i)`;
    const record = await makeDataset({
      dataDir: loading.dataDir,
      name: symbols === null ? "mixed" : "mixed-few",
      rowGroupRows: 2_048,
      columns: [
        { name: "symbol", type: "utf8", nullable: false },
        { name: "ts", type: "date32", nullable: false },
        { name: "number", type: "float64", nullable: false },
        { name: "text", type: "utf8", nullable: true },
        { name: "flag", type: "bool", nullable: true },
        { name: "count", type: "int32", nullable: true },
      ],
      files: [
        [row("A", "3000", "2 * i"), row("B", "3000", "2 * i"), row("C", "100", "i")].join(" UNION ALL "),
        [row("B", "2000", "2 * i + 1"), row("D", "10", "i")].join(" UNION ALL "),
      ],
    });
    expect(record.layout).toBe("overlapping");
    const where = symbols === null ? "" : "WHERE symbol IN ('B', 'C')";
    const rows = await queryRows(
      `SELECT number, text, flag, count FROM ${filesOf(loading.dataDir, record)} ${where} ORDER BY symbol, ts`,
    );
    const handle = await loading.openRowSets().open(wholeKey(record, { symbols }));
    const [text, number, flag, count] = (
      await handle.load([
        ownColumn("text", "utf8"),
        ownColumn("number", "float64"),
        ownColumn("flag", "bool", true),
        ownColumn("count", "int32", true),
      ])
    ).map(valuesOf);
    expect(number).toEqual(rows.map((row) => row[0]));
    expect(text).toEqual(rows.map((row) => row[1]));
    expect(flag).toEqual(rows.map((row) => (row[2] === null ? null : Number(row[2]))));
    expect(count).toEqual(rows.map((row) => row[3]));
    handle.release();
  },
);

describe("time order", () => {
  let record: DatasetRecord;

  beforeAll(async () => {
    record = await makeDataset({
      dataDir: loading.dataDir,
      name: "timed",
      columns: DAILY_COLUMNS,
      files: [dailyBarsSql({ symbolCount: 30, dayCount: 120 })],
    });
  });

  test("gives rows moment by moment, symbols in order, with a way back", async () => {
    const rowSets = loading.openRowSets();
    const handle = await rowSets.open(wholeKey(record, { order: "time-symbol" }));
    const bySymbol = await rowSets.open(wholeKey(record));
    const rows = await queryRows(
      `SELECT symbol, ts - DATE '1970-01-01', close::DOUBLE FROM ${filesOf(loading.dataDir, record)} ORDER BY ts, symbol`,
    );
    const [ts, symbol, close, text] = await handle.load([
      TS,
      ownColumn("symbol", "int32"),
      CLOSE,
      ownColumn("symbol", "utf8"),
    ]);
    const { symbols, unitTimes, firstRows, rowCount, order } = handle.index;
    expect(order).toBe("time-symbol");
    expect(valuesOf(ts!)).toEqual(rows.map((row) => Number(row[1])));
    expect(valuesOf(symbol!).map((code) => symbols[Number(code)])).toEqual(rows.map((row) => row[0]));
    expect(valuesOf(text!)).toEqual(rows.map((row) => row[0]));
    expect(valuesOf(close!)).toEqual(rows.map((row) => row[2]));
    expect(unitTimes).toEqual([...new Set(rows.map((row) => Number(row[1])))]);
    expect(firstRows).toHaveLength(unitTimes.length + 1);
    expect(firstRows.at(-1)).toBe(rowCount);
    unitTimes.forEach((time, i) => {
      expect(Number(rows[firstRows[i]!]![1])).toBe(time);
      expect(Number(rows[firstRows[i + 1]! - 1]![1])).toBe(time);
    });
    for (const { firstRow } of close!.parts) expect(firstRows).toContain(firstRow);

    const [back] = await handle.load([ownColumn("symbol-time-row", "int32")]);
    const [forth, closeBySymbol] = await bySymbol.load([ownColumn("time-symbol-row", "int32"), CLOSE]);
    const rowOf = valuesOf(back!).map(Number);
    expect(rowOf.map((row) => valuesOf(closeBySymbol!)[row])).toEqual(valuesOf(close!));
    expect(valuesOf(forth!).map((row) => rowOf[Number(row)])).toEqual(rowOf.map((_, i) => i));
    handle.release();
    bySymbol.release();
  });

  test("is found again after a restart", async () => {
    const key = wholeKey(record, { order: "time-symbol" });
    const rowSets = loading.openRowSets();
    expect(rowSets.has(key, [TS, CLOSE, ownColumn("symbol", "int32")])).toBe(true);
    const handle = rowSets.tryOpen(key)!;
    await handle.load([TS, CLOSE]);
    expect(handle.statistics().rowCount).toBe(0);
    handle.release();
  });

  test("orders instants that lie on no grid", async () => {
    const odd = await makeDataset({
      dataDir: loading.dataDir,
      name: "odd",
      columns: [
        { name: "symbol", type: "utf8", nullable: false },
        { name: "ts", type: "timestamp", nullable: false },
        { name: "close", type: "float64", nullable: false },
      ],
      files: [
        `SELECT 'S' || (i % 3) AS symbol, make_timestamp((i * i * 1000003 + 17) * (1 + i // 400 * 1000)) AT TIME ZONE 'UTC' AS ts, i::DOUBLE AS close
         FROM range(900) t(i)`,
      ],
    });
    const handle = await loading.openRowSets().open(wholeKey(odd, { order: "time-symbol" }));
    const [ts, close] = (await handle.load([ownColumn("ts", "timestamp"), CLOSE])).map(valuesOf);
    const rows = await queryRows(
      `SELECT epoch_us(ts)::DOUBLE, close FROM '${join(loading.dataDir, "odd/bars/*.parquet")}' ORDER BY ts, symbol`,
    );
    expect(ts).toEqual(rows.map((row) => BigInt(row[0] as number)));
    expect(close).toEqual(rows.map((row) => row[1]));
    handle.release();
  });
});
