import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ColumnRequest, ColumnSource } from "../../../shared/protocol/row-set.ts";
import type { Clocks } from "../../../shared/time/index.ts";
import type { DatasetColumn, DatasetRecord } from "../../../runtime/store/dataset.ts";
import { DAILY_CLOCKS, makeDataset, MINUTE_CLOCKS } from "../../support/make-dataset.ts";
import { openLoading, ownColumn, valuesOf, wholeKey, type Loading } from "../../support/open-loading.ts";

type Matched = Extract<ColumnSource, { readonly kind: "matched" }>;

const KEY = { name: "symbol", type: "utf8", nullable: false } as const;
const DAILY: readonly DatasetColumn[] = [
  KEY,
  { name: "ts", type: "date32", nullable: false },
  { name: "value", type: "float64", nullable: false },
  { name: "count", type: "int32", nullable: false },
  { name: "text", type: "utf8", nullable: false },
];
const MINUTES: readonly DatasetColumn[] = [
  KEY,
  { name: "ts", type: "timestamp", nullable: false },
  { name: "value", type: "float64", nullable: false },
];
const SEEN: readonly DatasetColumn[] = [
  KEY,
  { name: "ts", type: "date32", nullable: false },
  { name: "known_at", type: "timestamp", nullable: false },
  { name: "value", type: "float64", nullable: false },
];

let loading: Loading;

beforeAll(() => {
  loading = openLoading();
});

afterAll(() => loading.close());

/** One row per line: `A 2024-01-02 1.5`; daily rows get a count and a text derived from the value. */
async function make(
  name: string,
  columns: readonly DatasetColumn[],
  lines: string,
  clocks: Clocks = DAILY_CLOCKS,
): Promise<DatasetRecord> {
  const rows = lines
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/));
  const isDaily = columns[1]!.type === "date32";
  const instant = (text: string) => `TIMESTAMPTZ '${text.replace("Z", ":00Z")}'`;
  const values = rows.map(([symbol, ts, ...rest]) => {
    const value = rest.at(-1)!;
    const known = columns === SEEN ? [instant(rest[0]!)] : [];
    const extra = columns === DAILY ? [`${value}::INTEGER`, `'t${value}'`] : [];
    return `(${[`'${symbol}'`, isDaily ? `DATE '${ts}'` : instant(ts!), ...known, `${value}::DOUBLE`, ...extra].join(",")})`;
  });
  const names = columns.map((column) => column.name).join(",");
  const sql = `SELECT * FROM (VALUES ${values.join(",")}) t(${names})`;
  return makeDataset({ dataDir: loading.dataDir, name, columns, clocks, files: [sql] });
}

function matched(
  record: DatasetRecord,
  match: Matched["match"],
  name = "value",
  type: ColumnRequest["type"] = "float64",
  more: Partial<Matched> = {},
): ColumnRequest {
  const source: Matched = {
    kind: "matched",
    dataset: record.name,
    version: record.fingerprint,
    match,
    broadcast: null,
    asOfMicros: null,
    ...more,
  };
  return { name, type, nullable: true, source };
}

async function load(record: DatasetRecord, request: ColumnRequest, key = wholeKey(record)) {
  const handle = await loading.openRowSets().open(key);
  const [column] = await handle.load([request]);
  handle.release();
  return valuesOf(column!);
}

const NONE = Number.NaN;

describe("match: exact", () => {
  let bars: DatasetRecord;
  let factors: DatasetRecord;

  beforeAll(async () => {
    bars = await make(
      "exact-bars",
      DAILY,
      "A 2024-01-02 1 \n A 2024-01-03 2 \n B 2024-01-03 3 \n C 2024-01-02 4",
    );
    factors = await make(
      "exact-factors",
      DAILY,
      "A 2024-01-01 10 \n A 2024-01-03 20 \n B 2024-01-02 30 \n B 2024-01-03 40 \n D 2024-01-02 50",
    );
  });

  test("gives the row of the same symbol and time, else nothing", async () => {
    expect(await load(bars, matched(factors, "exact"))).toEqual([NONE, 20, 40, NONE]);
    expect(await load(bars, matched(factors, "exact", "count", "int32"))).toEqual([null, 20, 40, null]);
    expect(await load(bars, matched(factors, "exact", "text", "utf8"))).toEqual([null, "t20", "t40", null]);
  });

  test("gives the same for a few symbols alone", async () => {
    const key = wholeKey(bars, { symbols: ["A"] });
    expect(await load(bars, matched(factors, "exact"), key)).toEqual([NONE, 20]);
  });

  test("gives the same in time order", async () => {
    const key = wholeKey(bars, { order: "time-symbol" });
    expect(await load(bars, matched(factors, "exact", "count", "int32"), key)).toEqual([null, null, 20, 40]);
  });

  test("refuses rows without a match where nulls are not admitted", async () => {
    const request = { ...matched(factors, "exact", "count", "int32"), nullable: false };
    await expect(load(bars, request)).rejects.toMatchObject({
      code: "column-has-nulls",
      message:
        'Cannot read column "count" of dataset "exact-factors" as int32 without nulls: 2 of the rows have no match, or match a null. Declare it with orNull(), or ask for a float64.',
    });
  });

  test("broadcasts one symbol to every row", async () => {
    const request = matched(factors, "exact", "value", "float64", { broadcast: "B" });
    expect(await load(bars, request)).toEqual([30, 40, 40, 30]);
  });

  test("refuses to broadcast a symbol that is not there", async () => {
    const request = matched(factors, "exact", "value", "float64", { broadcast: "E" });
    await expect(load(bars, request)).rejects.toMatchObject({
      code: "unknown-symbol",
      message: expect.stringMatching(/^Cannot broadcast "E": dataset "exact-factors" does not have it\./),
    });
  });

  test("sees only what was known as of the moment given", async () => {
    // Closes at 21:00 UTC in winter.
    const asOfMicros = Date.UTC(2024, 0, 3, 21) * 1000 - 1;
    const request = matched(factors, "exact", "value", "float64", { asOfMicros });
    expect(await load(bars, request)).toEqual([NONE, NONE, NONE, NONE]);
    const later = matched(factors, "exact", "value", "float64", { asOfMicros: asOfMicros + 1 });
    expect(await load(bars, later)).toEqual([NONE, 20, 40, NONE]);
  });

  test("refuses to compare dates with instants", async () => {
    const minutes = await make("exact-minutes", MINUTES, "A 2024-01-02T15:00Z 1", MINUTE_CLOCKS);
    await expect(load(minutes, matched(factors, "exact"))).rejects.toMatchObject({
      code: "match-impossible",
      message:
        'Cannot match dataset "exact-factors" exactly: its event times are dates, those of "exact-minutes" are instants. Use match: "known" for what was known at each bar, or "following".',
    });
  });

  test("refuses a version that the other dataset no longer has", async () => {
    const old = { ...factors, fingerprint: "0000" };
    await expect(load(bars, matched(old, "exact"))).rejects.toMatchObject({
      code: "dataset-version-gone",
      facts: { dataset: "exact-factors", version: "0000", now: factors.fingerprint },
    });
  });
});

describe("match: known", () => {
  test("gives minute bars the daily row of the last session that had closed", async () => {
    // New York: 14:30–21:00 UTC in January. A bar starting at 20:59 is known at 21:00, with the daily bar.
    const minutes = await make(
      "known-minutes",
      MINUTES,
      `A 2024-01-02T14:30Z 1
       A 2024-01-03T14:30Z 2
       A 2024-01-03T20:58Z 3
       A 2024-01-03T20:59Z 4
       A 2024-01-08T14:30Z 5
       B 2024-01-08T14:30Z 6`,
      MINUTE_CLOCKS,
    );
    const days = await make("known-days", DAILY, "A 2024-01-02 102 \n A 2024-01-03 103 \n A 2024-01-05 105");
    expect(await load(minutes, matched(days, "known"))).toEqual([NONE, 102, 102, 103, 105, NONE]);
  });

  test("moves with daylight saving", async () => {
    const minutes = await make(
      "summer-minutes",
      MINUTES,
      "A 2024-07-02T19:58Z 1 \n A 2024-07-02T19:59Z 2",
      MINUTE_CLOCKS,
    );
    const days = await make("summer-days", DAILY, "A 2024-07-01 1 \n A 2024-07-02 2");
    expect(await load(minutes, matched(days, "known"))).toEqual([1, 2]);
  });

  test("gives daily bars the last minute bar that was complete at the close", async () => {
    const days = await make("close-days", DAILY, "A 2024-01-02 1 \n A 2024-01-03 2 \n A 2024-01-04 3");
    const minutes = await make(
      "close-minutes",
      MINUTES,
      `A 2024-01-02T20:59Z 1
       A 2024-01-02T21:00Z 2
       A 2024-01-03T20:57Z 3
       A 2024-01-03T20:59Z 4
       A 2024-01-05T14:30Z 5`,
      MINUTE_CLOCKS,
    );
    expect(await load(days, matched(minutes, "known"))).toEqual([1, 4, 4]);
  });

  test("waits for a dataset that becomes available later", async () => {
    const days = await make("late-days", DAILY, "A 2024-01-02 1 \n A 2024-01-03 2 \n A 2024-01-04 3");
    const late = { ...DAILY_CLOCKS, availabilitySeconds: 3600 };
    const other = await make("late-other", DAILY, "A 2024-01-02 12 \n A 2024-01-03 13", late);
    expect(await load(days, matched(other, "known"))).toEqual([NONE, 12, 13]);
  });

  test("gives each bar the version of the latest row that was known then, never a later restatement", async () => {
    const days = await make(
      "restated-days",
      DAILY,
      `A 2024-01-02 1
       A 2024-01-03 2
       A 2024-01-04 3
       A 2024-01-05 4
       A 2024-01-08 5`,
    );
    // The quarter of 12-31 was reported on the 3rd and restated on the 5th; the quarter before was restated on the
    // 8th.
    const reports = await make(
      "reports",
      SEEN,
      `A 2023-09-30 2023-11-01T12:00Z 900
       A 2023-12-31 2024-01-03T12:00Z 1200
       A 2023-12-31 2024-01-05T12:00Z 1201
       A 2023-09-30 2024-01-08T12:00Z 901`,
    );
    expect(await load(days, matched(reports, "known"))).toEqual([900, 1200, 1200, 1201, 1201]);
    // As of the 4th nobody had seen the restatements.
    const asOfMicros = Date.UTC(2024, 0, 4) * 1000;
    const request = matched(reports, "known", "value", "float64", { asOfMicros });
    expect(await load(days, request)).toEqual([900, 1200, 1200, 1200, 1200]);
  });

  test("goes by the known time of a bitemporal dataset's own rows, which need not ascend", async () => {
    const seen = await make(
      "seen-days",
      SEEN,
      `A 2024-01-02 2024-01-10T00:00Z 1
       A 2024-01-03 2024-01-03T22:00Z 2
       A 2024-01-04 2024-01-04T22:00Z 3`,
    );
    const other = await make("seen-other", DAILY, "A 2024-01-02 12 \n A 2024-01-03 13 \n A 2024-01-08 18");
    expect(await load(seen, matched(other, "known"))).toEqual([18, 13, 13]);
  });
});

describe("match: following", () => {
  test("gives each bar the first row that is not before it", async () => {
    const bars = await make(
      "factor-bars",
      DAILY,
      "A 2024-01-02 1 \n A 2024-01-03 2 \n A 2024-01-04 3 \n A 2024-01-05 4 \n B 2024-01-02 5",
    );
    const factors = await make("factors", DAILY, "A 2024-01-03 10 \n A 2024-01-04 20 \n B 2023-01-01 30");
    expect(await load(bars, matched(factors, "following"))).toEqual([10, 10, 20, NONE, NONE]);
  });

  test("takes the local date of an intraday bar", async () => {
    const minutes = await make(
      "night-minutes",
      MINUTES,
      // 04:59 UTC is still the evening before in New York.
      "A 2024-01-03T04:59Z 1 \n A 2024-01-03T05:00Z 2 \n A 2024-01-04T14:30Z 3",
      MINUTE_CLOCKS,
    );
    const factors = await make("night-factors", DAILY, "A 2024-01-02 10 \n A 2024-01-03 20");
    expect(await load(minutes, matched(factors, "following"))).toEqual([10, 20, NONE]);
  });

  test("takes a bar stamped at midnight by its end as part of the day before", async () => {
    const minutes = await make("end-minutes", MINUTES, "A 2024-01-03T05:00Z 1 \n A 2024-01-03T05:01Z 2", {
      ...MINUTE_CLOCKS,
      stamp: "end",
    });
    const factors = await make("end-factors", DAILY, "A 2024-01-02 10 \n A 2024-01-03 20");
    expect(await load(minutes, matched(factors, "following"))).toEqual([10, 20]);
  });

  test("gives daily bars the first instant that is not before their close", async () => {
    const days = await make("ahead-days", DAILY, "A 2024-01-02 1 \n A 2024-01-03 2");
    const minutes = await make(
      "ahead-minutes",
      MINUTES,
      "A 2024-01-02T20:59Z 1 \n A 2024-01-02T21:00Z 2 \n A 2024-01-03T14:30Z 3",
      MINUTE_CLOCKS,
    );
    expect(await load(days, matched(minutes, "following"))).toEqual([2, NONE]);
  });
});

describe("attributes", () => {
  test("gives every row of a symbol what is known of the symbol", async () => {
    const bars = await make(
      "attr-bars",
      DAILY,
      "A 2024-01-02 1 \n A 2024-01-03 2 \n B 2024-01-03 3 \n C 2024-01-02 4",
    );
    const facts = await makeDataset({
      dataDir: loading.dataDir,
      name: "attr-facts",
      kind: "attributes",
      columns: [
        KEY,
        { name: "sector", type: "utf8", nullable: true },
        { name: "tick", type: "float32", nullable: false },
        { name: "lot", type: "int32", nullable: false },
      ],
      files: [
        "SELECT * FROM (VALUES ('A', 'mining', 0.5::FLOAT, 100), ('C', NULL, 0.25::FLOAT, 10), ('Z', 'banks', 1::FLOAT, 1)) t(symbol, sector, tick, lot)",
      ],
    });
    const of = (name: string, type: ColumnRequest["type"]): ColumnRequest => ({
      name,
      type,
      nullable: true,
      source: { kind: "attributes", dataset: facts.name, version: facts.fingerprint },
    });
    expect(await load(bars, of("sector", "utf8"))).toEqual(["mining", "mining", null, null]);
    expect(await load(bars, of("tick", "float64"))).toEqual([0.5, 0.5, NONE, 0.25]);
    expect(await load(bars, of("lot", "int32"))).toEqual([100, 100, null, 10]);
    const key = wholeKey(bars, { symbols: ["B", "C"] });
    expect(await load(bars, of("tick", "float64"), key)).toEqual([NONE, 0.25]);
  });

  test("refuses to match by time a dataset that has none", async () => {
    const bars = await make("plain-bars", DAILY, "A 2024-01-02 1");
    const facts = await makeDataset({
      dataDir: loading.dataDir,
      name: "plain-facts",
      kind: "attributes",
      columns: [KEY, { name: "value", type: "float64", nullable: false }],
      files: ["SELECT 'A' AS symbol, 1::DOUBLE AS value"],
    });
    await expect(load(bars, matched(facts, "known"))).rejects.toMatchObject({
      code: "match-impossible",
      message: 'Cannot match dataset "plain-facts" by time: it has no event times.',
    });
  });
});

test("own columns and matched ones are loaded together, in the order asked for", async () => {
  const bars = await make("both-bars", DAILY, "A 2024-01-02 1 \n A 2024-01-03 2");
  const other = await make("both-other", DAILY, "A 2024-01-02 10 \n A 2024-01-03 20");
  const handle = await loading.openRowSets().open(wholeKey(bars));
  const columns = await handle.load([
    matched(other, "exact"),
    ownColumn("value", "float64"),
    matched(other, "following"),
    ownColumn("ts", "date32"),
  ]);
  expect(columns.map(valuesOf)).toEqual([
    [10, 20],
    [1, 2],
    [10, 20],
    [19_724, 19_725],
  ]);
  handle.release();
});
