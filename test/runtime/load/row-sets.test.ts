import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from "node:fs";

import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { readColumnFile } from "../../../shared/arrow/index.ts";
import type { LoadedColumn } from "../../../shared/protocol/row-set.ts";
import type { RowSets } from "../../../runtime/load/row-sets.ts";
import type { DatasetRecord } from "../../../runtime/store/dataset.ts";
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
const HIGH = ownColumn("high", "float32");
const VOLUME = ownColumn("volume", "float64");

let loading: Loading;
let bars: DatasetRecord;

beforeAll(async () => {
  loading = openLoading({ partRows: 50_000 });
  const size = { symbolCount: 40, dayCount: 30_000 };
  // Four files of about 150,000 rows in row groups of 4,000: four parts, many groups per symbol.
  bars = await makeDataset({
    dataDir: loading.dataDir,
    name: "bars",
    columns: DAILY_COLUMNS,
    rowGroupRows: 4_096,
    files: [0, 10, 20, 30].map((firstSymbol) =>
      dailyBarsSql({ ...size, firstSymbol, endSymbol: firstSymbol + 10 }),
    ),
  });
  expect(bars.layout).toBe("ordered");
});

afterAll(() => loading.close());

function emptySpool(): void {
  rmSync(join(loading.spoolDir, "row-sets"), { recursive: true, force: true });
}

function pathsOf(columns: readonly LoadedColumn[]): string[] {
  return columns.flatMap(({ parts }) => parts.map(({ path }) => path));
}

function dirOf(rowSets: RowSets): string[] {
  expect(rowSets.stats().rowSetCount).toBeGreaterThan(0);
  return readdirSync(join(loading.spoolDir, "row-sets"));
}

describe("createRowSets()", () => {
  test("loads an ordered dataset's columns as its files have them, and the index without reading a row", async () => {
    emptySpool();
    const rowSets = loading.openRowSets();
    const handle = await rowSets.open(wholeKey(bars));
    expect(handle.statistics().bytesRead).toBe(0);
    const expected = await queryRows(
      `SELECT symbol, ts - DATE '1970-01-01', close::DOUBLE, high FROM ${filesOf(loading.dataDir, bars)}`,
    );
    const { firstRows, symbols, rowCount } = handle.index;
    expect(rowCount).toBe(expected.length);
    expect(firstRows).toHaveLength(symbols.length + 1);
    symbols.forEach((symbol, i) => {
      expect(expected[firstRows[i]!]![0]).toBe(symbol);
      expect(expected[firstRows[i + 1]! - 1]![0]).toBe(symbol);
    });
    const columns = await handle.load([TS, CLOSE, HIGH]);
    expect(columns.map(({ request }) => request)).toEqual([TS, CLOSE, HIGH]);
    const [ts, close, high] = columns.map(valuesOf);
    expect(ts).toEqual(expected.map((row) => Number(row[1])));
    expect(close).toEqual(expected.map((row) => row[2]));
    expect(high).toEqual(expected.map((row) => row[3]));
    handle.release();
  });

  test("cuts columns between symbols, each part a mappable Arrow file with values at a multiple of 64", async () => {
    const rowSets = loading.openRowSets();
    const handle = await rowSets.open(wholeKey(bars));
    const [close] = await handle.load([CLOSE]);
    expect(close!.parts.length).toBeGreaterThan(0);
    for (const { path, firstRow, rowCount } of close!.parts) {
      const bytes = new Uint8Array(readFileSync(path));
      const file = readColumnFile(bytes, path);
      expect((file.data.byteOffset - bytes.byteOffset) % 64).toBe(0);
      expect(file.data.buffer).toBe(bytes.buffer);
      expect(file.validity).toBeUndefined();
      expect(handle.index.firstRows).toContain(firstRow);
      expect(handle.index.firstRows).toContain(firstRow + rowCount);
    }
    handle.release();
  });

  test("gives a second function the same files without asking the engine, and reads one more column alone", async () => {
    emptySpool();
    const rowSets = loading.openRowSets();
    const first = await rowSets.open(wholeKey(bars));
    const loaded = await first.load([TS, CLOSE]);
    const second = await rowSets.open(wholeKey(bars));
    expect(pathsOf(await second.load([CLOSE, TS]))).toEqual(pathsOf(loaded.toReversed()));
    expect(second.statistics()).toEqual({ bytesRead: 0, rowCount: 0, milliseconds: 0 });
    expect(pathsOf(await second.load([TS, CLOSE, VOLUME])).slice(0, -1 * loaded[0]!.parts.length)).toEqual(
      pathsOf(loaded),
    );
    if (existsSync("/proc/self/io")) {
      // Stored volume takes 8 bytes per row before compression; opening and closing prices are not read.
      const [row] = await queryRows(
        `SELECT sum(total_compressed_size) FILTER (path_in_schema = 'volume')::DOUBLE, sum(total_compressed_size)::DOUBLE
         FROM parquet_metadata([${bars.files.map(({ path }) => `'${join(loading.dataDir, "bars", path)}'`).join()}])`,
      );
      const [volumeBytes, allBytes] = row as [number, number];
      expect(second.statistics().bytesRead).toBeGreaterThanOrEqual(volumeBytes);
      expect(second.statistics().bytesRead).toBeLessThan(volumeBytes + (allBytes - volumeBytes) / 10);
    }
    first.release();
    second.release();
  });

  test("joins callers that want the same column at the same time to one load", async () => {
    emptySpool();
    const rowSets = loading.openRowSets();
    const handles = await Promise.all([1, 2, 3].map(() => rowSets.open(wholeKey(bars))));
    const loaded = await Promise.all([
      handles[0]!.load([TS, CLOSE]),
      handles[1]!.load([CLOSE, HIGH]),
      handles[2]!.load([CLOSE]),
    ]);
    expect(pathsOf([loaded[1][0]!])).toEqual(pathsOf([loaded[0][1]!]));
    expect(pathsOf(loaded[2])).toEqual(pathsOf([loaded[0][1]!]));
    // The third handle started no load of its own, the second only that of the column nobody else had requested.
    expect(handles[0]!.statistics().rowCount).toBe(bars.rowCount);
    expect(handles[1]!.statistics().rowCount).toBe(bars.rowCount);
    expect(handles[2]!.statistics().rowCount).toBe(0);
    handles.forEach((handle) => handle.release());
  });

  test("gives rows as soon as their part is there, and goes on loading the rest", async () => {
    emptySpool();
    const rowSets = loading.openRowSets();
    const handle = await rowSets.open(wholeKey(bars));
    const rest = handle.load([TS, CLOSE]);
    const { firstRows } = handle.index;
    const rows = { firstRow: firstRows[3]!, endRow: firstRows[5]! };
    const early = await handle.load([TS, CLOSE], { rows });
    for (const { parts } of early) {
      expect(parts).toHaveLength(1);
      expect(parts[0]!.firstRow).toBeLessThanOrEqual(rows.firstRow);
      expect(parts[0]!.firstRow + parts[0]!.rowCount).toBeGreaterThanOrEqual(rows.endRow);
    }
    expect(pathsOf(await rest)).toEqual(expect.arrayContaining(pathsOf(early)));
    handle.release();
  });

  test.skipIf(!existsSync("/proc/self/io"))(
    "reads only the row groups of the symbols asked for (bytes counted in /proc)",
    async () => {
      const rowSets = loading.openRowSets();
      const symbol = bars.files[2]!.firstSymbol;
      const handle = await rowSets.open(wholeKey(bars, { symbols: [symbol] }));
      const [ts, close] = (await handle.load([TS, CLOSE])).map(valuesOf);
      const expected = await queryRows(
        `SELECT ts - DATE '1970-01-01', close::DOUBLE FROM ${filesOf(loading.dataDir, bars)}
         WHERE symbol = '${symbol}' ORDER BY ts`,
      );
      expect(handle.index.symbols).toEqual([symbol]);
      expect(ts).toEqual(expected.map((row) => Number(row[0])));
      expect(close).toEqual(expected.map((row) => row[1]));
      const stored = bars.files.reduce((sum, file) => sum + file.byteLength, 0);
      const share = expected.length / bars.rowCount;
      expect(handle.statistics().bytesRead).toBeLessThan(stored * (share + 0.05));
      handle.release();
    },
  );

  test("gives a few symbols in order, leaving out those that the dataset does not know", async () => {
    const rowSets = loading.openRowSets();
    const symbols = ["A", "S000003", "S000017", "Z"];
    const handle = await rowSets.open(wholeKey(bars, { symbols }));
    expect(handle.index.symbols).toEqual(["S000003", "S000017"]);
    const [text] = await handle.load([ownColumn("symbol", "utf8")]);
    const [row] = await queryRows(
      `SELECT count(*) FILTER (symbol = 'S000003')::DOUBLE, count(*) FILTER (symbol = 'S000017')::DOUBLE
       FROM ${filesOf(loading.dataDir, bars)}`,
    );
    const [first, second] = row as [number, number];
    expect(handle.index.firstRows).toEqual([0, first, first + second]);
    expect(valuesOf(text!)).toEqual([
      ...Array.from({ length: first }, () => "S000003"),
      ...Array.from({ length: second }, () => "S000017"),
    ]);
    handle.release();
  });

  test("gives no rows, and no error, for symbols that the dataset does not know at all", async () => {
    const rowSets = loading.openRowSets();
    const handle = await rowSets.open(wholeKey(bars, { symbols: ["NONE"] }));
    expect(handle.index).toMatchObject({ rowCount: 0, symbols: [], firstRows: [0] });
    const [close] = await handle.load([CLOSE]);
    expect(valuesOf(close!)).toEqual([]);
    handle.release();
  });

  test("tells at once what is there and what is missing", async () => {
    emptySpool();
    const rowSets = loading.openRowSets();
    const key = wholeKey(bars);
    expect(rowSets.has(key, [])).toBe(false);
    expect(rowSets.tryOpen(key)).toBeUndefined();
    expect(rowSets.missing(key, [TS])).toEqual({ index: true, columns: [TS] });
    const handle = await rowSets.open(key);
    expect(rowSets.has(key, [])).toBe(true);
    const load = handle.load([CLOSE]);
    expect(rowSets.has(key, [CLOSE])).toBe(false);
    expect(rowSets.missing(key, [TS, CLOSE])).toEqual({ index: false, columns: [TS, CLOSE] });
    await load;
    expect(rowSets.has(key, [CLOSE])).toBe(true);
    expect(rowSets.missing(key, [TS, CLOSE])).toEqual({ index: false, columns: [TS] });
    const again = rowSets.tryOpen(key)!;
    expect(again.index).toBe(handle.index);
    again.release();
    handle.release();
  });

  test("finds what an earlier process left, and removes what is unfinished or damaged", async () => {
    emptySpool();
    const before = loading.openRowSets();
    const handle = await before.open(wholeKey(bars));
    const columns = await handle.load([TS, CLOSE, HIGH, VOLUME]);
    handle.release();
    const [ts, close, high, volume] = columns;
    const dir = join(loading.spoolDir, "row-sets", dirOf(before)[0]!);
    writeFileSync(join(dir, "open.float32.00000000-0.arrow"), "half");
    writeFileSync(join(dir, "close.tmp"), "half");
    truncateSync(close!.parts[1]!.path, 100);
    writeFileSync(high!.parts[0]!.path, Buffer.alloc(statSync(high!.parts[0]!.path).size));
    rmSync(volume!.parts[0]!.path);
    mkdirSync(join(loading.spoolDir, "row-sets", "bars.unknown"));

    const after = loading.openRowSets();
    const key = wholeKey(bars);
    expect(after.missing(key, [TS, CLOSE, HIGH, VOLUME])).toEqual({
      index: false,
      columns: [CLOSE, HIGH, VOLUME],
    });
    expect(dirOf(after)).toHaveLength(1);
    const names = readdirSync(dir);
    expect(names.filter((name) => !name.startsWith("ts.")).toSorted()).toEqual([
      "index.json",
      "row-set.json",
    ]);
    const again = after.tryOpen(key)!;
    expect(pathsOf(await again.load([TS]))).toEqual(pathsOf([ts!]));
    expect(again.statistics().rowCount).toBe(0);
    expect(valuesOf((await again.load([HIGH]))[0]!)).toHaveLength(bars.rowCount);
    again.release();
  });

  test("without the lock leaves alone what another process has in the spool, and removes its own at the end", async () => {
    emptySpool();
    const owner = loading.openRowSets();
    const scoped = await owner.open(wholeKey(bars, { symbols: ["S000003"] }));
    const [owned] = await scoped.load([CLOSE]);
    const before = readdirSync(join(loading.spoolDir, "row-sets"));

    const guest = loading.openRowSets({ ownsSpool: false });
    const handle = await guest.open(wholeKey(bars, { symbols: ["S000003"] }));
    const [read] = await handle.load([CLOSE]);
    expect(valuesOf(read!)).toEqual(valuesOf(owned!));
    expect(pathsOf([read!])).not.toEqual(pathsOf([owned!]));
    // A new owner leaves the guest's files alone while it lives.
    loading.openRowSets();
    expect(existsSync(read!.parts[0]!.path)).toBe(true);
    handle.release();
    await guest.close();
    expect(existsSync(read!.parts[0]!.path)).toBe(false);
    expect(before.every((name) => !name.startsWith("private-"))).toBe(true);
    scoped.release();
  });
});
