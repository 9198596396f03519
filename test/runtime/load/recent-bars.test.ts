import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { importFiles } from "../../../runtime/import/import-files.ts";
import { datasetPaths } from "../../../runtime/store/dataset-paths.ts";
import { readDataset } from "../../../runtime/store/read-dataset.ts";
import type { DatasetRecord } from "../../../runtime/store/dataset.ts";
import type { RecentRows } from "../../../shared/protocol/row-set.ts";
import { writeFileSync } from "node:fs";
import {
  filesOf,
  openLoading,
  ownColumn,
  queryRows,
  valuesOf,
  wholeKey,
  type Loading,
} from "../../support/open-loading.ts";

const HISTORY = 2_000;
const COLUMNS = [ownColumn("ts", "date32"), ownColumn("close", "float64"), ownColumn("venue", "utf8", true)];

let loading: Loading;
let record: DatasetRecord;

/**
 * A market that is imported, and again two days later: with a copy of its recent bars, and an appended file beside it.
 */
beforeAll(async () => {
  loading = openLoading({ partRows: 500 });
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  for (const [name, first, count] of [
    ["history", 0, HISTORY],
    ["day1", HISTORY, 1],
    ["day2", HISTORY + 1, 1],
  ] as const) {
    const path = join(loading.spoolDir, `${name}.parquet`);
    await connection.run(`COPY (
      SELECT 'S' || s AS symbol, DATE '2000-01-03' + (d // 5 * 7 + d % 5)::INTEGER AS date,
        (100 + s + d % 7)::DOUBLE AS open, open AS high, open AS low, open AS close, d AS volume,
        CASE WHEN d % 5 > 0 THEN 'v' || (d % 3 + d // ${HISTORY}) END AS venue
      FROM (SELECT s, ${first} + i AS d FROM range(4) a(s), range(${count}) b(i))
    ) TO '${path}' (FORMAT parquet)`);
    await importFiles(
      { dataset: "growing", files: [path] },
      { connection, dataDir: loading.dataDir, recentRowsMin: 1_000 },
    );
  }
  connection.disconnectSync();
  instance.closeSync();
  record = readDataset(loading.dataDir, "growing");
});

afterAll(() => loading.close());

async function loadRecent(recent: RecentRows) {
  const handle = await loading.openRowSets().open(wholeKey(record, { recent }));
  const loaded = await handle.load(COLUMNS);
  handle.release();
  const { symbols, firstRows } = handle.index;
  const symbolOf = symbols.flatMap((symbol, i) =>
    Array.from({ length: firstRows[i + 1]! - firstRows[i]! }, () => symbol),
  );
  const columns = loaded.map(valuesOf);
  return symbolOf.map((symbol, row) => [symbol, ...columns.map((values) => values[row])]);
}

async function storedSince({ since, whole }: RecentRows) {
  const names = whole.map((symbol) => `'${symbol}'`).join(",");
  const isWhole = whole.length === 0 ? "false" : `symbol IN (${names})`;
  return await queryRows(
    `SELECT symbol, (ts - DATE '1970-01-01')::INTEGER, close, venue FROM ${filesOf(loading.dataDir, record)}
     WHERE ts >= DATE '1970-01-01' + ${since} OR ${isWhole} ORDER BY symbol, ts`,
  );
}

describe("late rows of a dataset with a copy of its recent bars", () => {
  test("it has one, and a file that is not in it", () => {
    expect(record.recent?.covers).toHaveLength(2);
    expect(record.files).toHaveLength(3);
  });

  test.each([
    ["from its first bar on", 0, []],
    ["from a later bar on", 300, []],
    ["and all rows of some symbols, which begin elsewhere", 300, ["S0", "S2"]],
    ["and all rows of all symbols", 0, ["S0", "S1", "S2", "S3"]],
    ["of the last day only", 9_999, []],
    ["from before it began on", -100, ["S1"]],
  ])("%s are those of the files", async (_what, later, whole) => {
    const since = Math.min(record.recent!.since + later, record.lastTs!);
    const recent = { since, whole };
    const rows = await loadRecent(recent);
    expect(rows).toEqual(await storedSince(recent));
    expect(rows.length).toBeGreaterThan(0);
  });

  // Last: it damages the dataset.
  test("are refused when the copy is not what was written", async () => {
    const path = join(datasetPaths(loading.dataDir, "growing").dir, record.recent!.file.path);
    writeFileSync(path, "damaged");
    const key = wholeKey(record, { recent: { since: record.recent!.since + 1, whole: [] } });
    await expect(loading.openRowSets().open(key)).rejects.toThrow(
      /^Cannot read the files of dataset "growing" in .*: .*recent-.*\.parquet.*Import its sources again into a new dataset\.$/,
    );
  });
});
