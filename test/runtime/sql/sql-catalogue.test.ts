import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, describe, expect, test } from "vitest";
import { namesOf, planCatalogue, StoreReader } from "../../../runtime/sql/sql-catalogue.ts";
import type { QueryEngine } from "../../../runtime/sql/query-engine.ts";
import { openClocks, type Clocks } from "../../../shared/time/clocks.ts";
import { parseDate } from "../../../shared/time/dates.ts";
import {
  column,
  DAILY_CLOCKS,
  makeTestStore,
  openTestService,
  queryRows,
  type TestStore,
} from "./sql-store.ts";

const opened: { close(): void }[] = [];
afterEach(() => {
  for (const each of opened.splice(0).toReversed()) each.close();
});

async function open(): Promise<{ store: TestStore; service: QueryEngine }> {
  const store = await makeTestStore();
  const service = await openTestService(store);
  opened.push({ close: () => store.remove() }, service);
  return { store, service };
}

const BITEMPORAL = {
  name: "us-daily",
  knownTime: "known_at",
  clocks: DAILY_CLOCKS,
  columns: [
    column("symbol", "utf8"),
    column("ts", "date32"),
    column("known_at", "timestamp"),
    column("close", "float64"),
  ],
} as const;

/** SBUX as seen on the day, and restated the day after for its split; AAPL seen once. */
const OBSERVATIONS = `
  SELECT * FROM (VALUES
    ('AAPL', DATE '2015-04-08', TIMESTAMPTZ '2015-04-08 20:00:00Z', 125.6),
    ('SBUX', DATE '2015-04-08', TIMESTAMPTZ '2015-04-08 20:00:00Z', 95.23),
    ('SBUX', DATE '2015-04-08', TIMESTAMPTZ '2015-04-09 20:00:00Z', 47.62)
  ) t(symbol, ts, known_at, close)`;

describe("a bitemporal dataset", () => {
  test("has the latest rows in bars, all in bars_observed, and any moment in bars_asof", async () => {
    const { store, service } = await open();
    await store.dataset(BITEMPORAL, OBSERVATIONS);
    const closes = (from: string) =>
      queryRows(service, `SELECT symbol, close FROM us_daily.${from} ORDER BY ALL`);
    expect(await closes("bars")).toEqual(["AAPL,125.6", "SBUX,47.62"]);
    expect(await closes("bars_observed")).toEqual(["AAPL,125.6", "SBUX,47.62", "SBUX,95.23"]);
    expect(await closes("bars_asof(TIMESTAMPTZ '2015-04-08 19:59:59Z')")).toEqual([]);
    expect(await closes("bars_asof(TIMESTAMPTZ '2015-04-08 20:00:00Z')")).toEqual([
      "AAPL,125.6",
      "SBUX,95.23",
    ]);
    // A date, or the text of one, is its end in the dataset's zone: 20:00Z is 16:00 in New York.
    for (const day of ["DATE '2015-04-08'", "'2015-04-08'"]) {
      expect(await closes(`bars_asof(${day})`)).toEqual(["AAPL,125.6", "SBUX,95.23"]);
    }
    expect(await closes("bars_asof('2015-04-09')")).toEqual(["AAPL,125.6", "SBUX,47.62"]);
    expect(await closes("bars_asof('2015-04-09T19:00:00Z')")).toEqual(["AAPL,125.6", "SBUX,95.23"]);
    expect(await closes("bars_asof(now())")).toEqual(["AAPL,125.6", "SBUX,47.62"]);
  });
});

describe("bars_asof() of a dataset without known times", () => {
  const hours: NonNullable<Clocks["sessions"]> = {
    weekdays: [1, 2, 3, 4, 5],
    intervals: [
      { open: "09:30", close: "11:30" },
      { open: "13:00", close: "15:00" },
    ],
    holidays: ["2024-01-01", "2024-01-02"],
    halfDays: [
      { date: "2024-01-04", close: "11:00" },
      { date: "2024-01-05", close: "12:00" },
    ],
  };
  const daily: Clocks = { ...DAILY_CLOCKS };
  const cases: readonly (readonly [string, Clocks])[] = [
    ["daily without sessions", daily],
    ["daily with a delay", { ...daily, availabilitySeconds: 3600.5 }],
    ["daily with sessions, holidays, half days", { ...daily, timezone: "Asia/Shanghai", sessions: hours }],
    [
      "minutes stamped at their start",
      { ...daily, stamp: "start", intervalSeconds: 60, availabilitySeconds: 5 },
    ],
    ["minutes stamped at their end", { ...daily, stamp: "end", intervalSeconds: 300 }],
  ];
  test.each(cases)("goes by the same known times as the rest of Quiver: %s", async (_, clocks) => {
    const { store, service } = await open();
    const isDaily = clocks.intervalSeconds === "1d";
    await store.dataset(
      {
        name: "bars",
        knownTime: null,
        clocks,
        columns: [column("symbol", "utf8"), column("ts", isDaily ? "date32" : "timestamp")],
      },
      isDaily
        ? "SELECT 'A' AS symbol, DATE '2023-12-29' + d::INT AS ts FROM range(80) t(d)"
        : "SELECT 'A' AS symbol, TIMESTAMPTZ '2024-01-02 14:30:00Z' + to_minutes(m) AS ts FROM range(80) t(m)",
    );
    const first = isDaily ? parseDate("2023-12-29")! : Date.UTC(2024, 0, 2, 14, 30) * 1000;
    const known = openClocks(clocks);
    for (let index = 0; index < 80; index += 3) {
      const knownTime = known.knownTimeOf(first + index * (isDaily ? 1 : 60_000_000));
      for (const [moment, rows] of [
        [knownTime - 1, index],
        [knownTime, index + 1],
      ] as const) {
        const sql = `SELECT count(*) FROM bars.bars_asof(make_timestamptz(${moment}))`;
        expect(await queryRows(service, sql)).toEqual([String(rows)]);
      }
    }
  });
});

describe("what there is", () => {
  test("changes from one query to the next, without a restart", async () => {
    const { store, service } = await open();
    await expect(queryRows(service, "FROM us_daily.bars")).rejects.toMatchObject({
      message:
        "Cannot run the query: it reads us_daily.bars at line 1, column 6. There is no dataset yet. " +
        "Files, URLs and DuckDB's own catalogue cannot be read.",
    });
    const count = () => queryRows(service, "SELECT count(*) FROM us_daily.bars_observed");
    await store.dataset(BITEMPORAL, OBSERVATIONS);
    expect(await count()).toEqual(["3"]);
    await store.dataset({ ...BITEMPORAL, fingerprint: "v2" }, `${OBSERVATIONS} LIMIT 2`);
    expect(await count()).toEqual(["2"]);
    rmSync(join(store.dataDir, "us-daily/dataset.json"));
    await expect(count()).rejects.toMatchObject({ code: "sql-refused" });
    expect(await queryRows(service, "SHOW ALL TABLES")).toEqual([]);
  });

  test("stays what it was for a query that runs", async () => {
    const { store, service } = await open();
    await store.dataset(
      BITEMPORAL,
      `SELECT 'A' AS symbol, DATE '2020-01-01' AS ts, now() AS known_at, i::DOUBLE AS close FROM range(3000000) t(i)`,
    );
    const running = await service.run({ sql: "SELECT close FROM us_daily.bars_observed", timeoutMs: 60_000 });
    expect(running.reads).toEqual([{ relation: "us_daily.bars_observed", version: "v1" }]);
    await running.batches.next();
    await store.dataset({ ...BITEMPORAL, fingerprint: "v2" }, OBSERVATIONS);
    expect(await queryRows(service, "SELECT count(*) FROM us_daily.bars_observed")).toEqual(["3"]);
    let rows = 2048;
    for await (const batch of running.batches) rows += batch.rowCount;
    expect(rows).toBe(3_000_000);
  });

  test("may change while many queries begin at once", async () => {
    const { store, service } = await open();
    await store.dataset(BITEMPORAL, OBSERVATIONS);
    for (let version = 2; version < 6; version++) {
      await store.dataset({ ...BITEMPORAL, fingerprint: `v${version}` }, OBSERVATIONS);
      const counts = await Promise.all(
        Array.from({ length: 8 }, (_, index) =>
          queryRows(
            service,
            `SELECT count(*) FROM us_daily.${index % 2 === 0 ? "bars" : "bars_asof(now())"}`,
          ),
        ),
      );
      expect(counts.flat()).toEqual(Array.from({ length: 8 }, () => "2"));
    }
  });

  test("includes every version of a feature set, labels apart, and the current one by its name", async () => {
    const { store, service } = await open();
    await store.dataset(BITEMPORAL, OBSERVATIONS);
    const rows = (value: number) =>
      `SELECT 'AAPL' AS symbol, DATE '2015-04-08' AS ts, ${value}::DOUBLE AS rsi`;
    const place = { dataset: "us-daily", name: "rsi-macd" };
    await store.version({ ...place, version: "20260101T000000Z-00000001" }, ["rsi"], rows(1));
    await store.version({ ...place, version: "20260102T000000Z-00000002" }, ["rsi"], rows(2));
    await store.version(
      { dataset: "us-daily", name: "forward", version: "20260101T000000Z-00000003", kind: "label" },
      ["rsi"],
      rows(3),
    );
    const rsi = (from: string) => queryRows(service, `SELECT rsi FROM ${from}`);
    expect(await rsi("us_daily.rsi_macd")).toEqual(["2"]);
    expect(await rsi('us_daily."rsi_macd@20260101T000000Z-00000001"')).toEqual(["1"]);
    expect(await rsi('us_daily."RSI_MACD@20260102t000000z-00000002"')).toEqual(["2"]);
    expect(await rsi("us_daily_labels.forward")).toEqual(["3"]);
    await expect(rsi("us_daily.forward")).rejects.toMatchObject({ code: "sql-invalid" });
    expect(await queryRows(service, "SELECT name FROM (SHOW ALL TABLES) ORDER BY ALL")).toEqual([
      "bars",
      "bars_observed",
      "forward",
      "forward@20260101T000000Z-00000003",
      "rsi_macd",
      "rsi_macd@20260101T000000Z-00000001",
      "rsi_macd@20260102T000000Z-00000002",
    ]);
  });

  test("a feature set called bars does not hide the bars", async () => {
    const { store, service } = await open();
    await store.dataset(BITEMPORAL, OBSERVATIONS);
    await store.version(
      { dataset: "us-daily", name: "bars", version: "1-x" },
      ["rsi"],
      "SELECT 'A' AS symbol, DATE '2020-01-01' AS ts, 1.0 AS rsi",
    );
    expect(await queryRows(service, "SELECT count(close) FROM us_daily.bars")).toEqual(["2"]);
  });

  test("an empty dataset is an empty table with its columns and types", async () => {
    const { store, service } = await open();
    await store.dataset(BITEMPORAL, null);
    expect(await queryRows(service, "DESCRIBE us_daily.bars")).toEqual([
      "symbol,VARCHAR,YES,,,",
      "ts,DATE,YES,,,",
      "known_at,TIMESTAMP WITH TIME ZONE,YES,,,",
      "close,DOUBLE,YES,,,",
    ]);
    expect(await queryRows(service, "FROM us_daily.bars")).toEqual([]);
  });

  test("a data directory and a dataset with quotes in their paths are no way in", async () => {
    const { store } = await open();
    const listing = new StoreReader(store.dataDir).list();
    const record = await store.dataset(BITEMPORAL, OBSERVATIONS);
    const relations = planCatalogue({
      ...listing,
      dataDir: "/x'y/",
      datasets: [{ record, featureSets: [] }],
    });
    expect(relations.get("us_daily.bars_observed")?.create()).toBe(
      "CREATE OR REPLACE VIEW us_daily.bars_observed AS " +
        'SELECT "symbol", "ts", "known_at", "close" ' +
        "FROM read_parquet(['/x''y/us-daily/bars/v1.parquet'], hive_partitioning = false)",
    );
    expect([...namesOf(relations).get("us_daily")!.macros]).toEqual(["bars_asof"]);
  });

  test("a file that has gone is not the query's fault", async () => {
    const { store, service } = await open();
    await store.dataset(BITEMPORAL, OBSERVATIONS);
    rmSync(join(store.dataDir, "us-daily/bars/v1.parquet"));
    const error: unknown = await queryRows(service, "FROM us_daily.bars").catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(Error);
    expect(error).not.toMatchObject({ name: "QuiverError" });
    expect((error as Error).message).toContain("us-daily/bars/v1.parquet");
  });
});

const observations = fileURLToPath(
  new URL("../../../../shared/data/us-daily/observations.parquet", import.meta.url),
);

describe.skipIf(!existsSync(observations))(
  "real data (skipped where ../shared/data/us-daily is absent)",
  () => {
    test("SBUX on 2015-04-08 was 95.23 as of that day and 47.62 as of the next", async () => {
      const { store, service } = await open();
      await store.dataset(
        BITEMPORAL,
        `SELECT symbol, CAST(strptime(CAST(date AS VARCHAR), '%Y-%m-%d') AS DATE) AS ts,
         timezone('America/New_York', strptime(CAST(seen AS VARCHAR), '%Y%m%d') + INTERVAL 16 HOUR) AS known_at,
         adj_close::DOUBLE AS close
       FROM '${observations}' WHERE symbol IN ('SBUX', 'AAPL')`,
      );
      const close = (day: string) =>
        queryRows(
          service,
          `SELECT round(close, 2) FROM us_daily.bars_asof('${day}') WHERE symbol = 'SBUX' AND ts = '2015-04-08'`,
        );
      expect(await close("2015-04-08")).toEqual(["95.23"]);
      expect(await close("2015-04-09")).toEqual(["47.62"]);
    });
  },
);
