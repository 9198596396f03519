import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

import type { RowSets } from "../../../runtime/load/row-sets.ts";
import type { DatasetRecord } from "../../../runtime/store/dataset.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { openLoading, ownColumn, valuesOf, wholeKey, type Loading } from "../../support/open-loading.ts";

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

function dirOf(rowSets: RowSets): string[] {
  expect(rowSets.stats().rowSetCount).toBeGreaterThan(0);
  return readdirSync(join(loading.spoolDir, "row-sets"));
}

describe("createRowSets()", () => {
  test("forgets row sets of a version that the dataset no longer has", async () => {
    const root = openLoading();
    try {
      const make = (seed: number) =>
        makeDataset({
          dataDir: root.dataDir,
          name: "moving",
          columns: DAILY_COLUMNS,
          files: [dailyBarsSql({ symbolCount: 3, dayCount: 10, seed })],
        });
      const old = await make(1);
      const rowSets = root.openRowSets();
      const handle = await rowSets.open(wholeKey(old));
      const [close] = await handle.load([CLOSE]);
      const now = await make(2);
      await expect(rowSets.open(wholeKey(old, { symbols: ["S000000"] }))).rejects.toMatchObject({
        code: "dataset-version-gone",
        message: `Cannot open version ${old.fingerprint} of dataset "moving": it is now at ${now.fingerprint}. Ask again; the new version is used then.`,
        facts: { dataset: "moving", version: old.fingerprint, now: now.fingerprint },
      });
      // What is in use stays until it is released.
      expect(existsSync(close!.parts[0]!.path)).toBe(true);
      expect(rowSets.has(wholeKey(old), [])).toBe(false);
      handle.release();
      expect(existsSync(close!.parts[0]!.path)).toBe(false);
      expect(root.openRowSets().stats().rowSetCount).toBe(0);
      const fresh = await rowSets.open(wholeKey(now));
      expect(valuesOf((await fresh.load([CLOSE]))[0]!)).toHaveLength(now.rowCount);
      fresh.release();
    } finally {
      await root.close();
    }
  });

  test("keeps to its budget by removing what was not used for longest, never what is in use", async () => {
    emptySpool();
    const probe = loading.openRowSets();
    const first = await probe.open(wholeKey(bars));
    await first.load([CLOSE]);
    const closeBytes = probe.stats().byteLength;
    first.release();
    emptySpool();
    const rowSets = loading.openRowSets({ budgetBytes: closeBytes * 1.75 });
    const key = wholeKey(bars);
    const use = async (...columns: (typeof CLOSE)[]) => {
      const handle = await rowSets.open(key);
      await handle.load(columns);
      return handle;
    };
    (await use(TS)).release();
    (await use(CLOSE)).release();
    (await use(TS)).release();
    // High (half the size of close) does not fit beside both, and close was used before ts.
    const high = await use(HIGH);
    expect(rowSets.missing(key, [TS, CLOSE, HIGH]).columns).toEqual([CLOSE]);
    const volume = await use(VOLUME);
    expect(rowSets.missing(key, [TS, CLOSE, HIGH, VOLUME]).columns).toEqual([TS, CLOSE]);
    const all = await use(TS, CLOSE, HIGH, VOLUME);
    expect(rowSets.stats().byteLength).toBeGreaterThan(closeBytes * 1.75);
    expect(rowSets.has(key, [TS, CLOSE, HIGH, VOLUME])).toBe(true);
    for (const handle of [high, volume, all]) handle.release();
    expect(rowSets.stats().byteLength).toBeLessThanOrEqual(closeBytes * 1.75);
  });

  test("keeps the keys of rows in the order of time as long as those rows, and makes both anew", async () => {
    emptySpool();
    const rowSets = loading.openRowSets({ budgetBytes: 1 });
    const key = wholeKey(bars, { order: "time-symbol" });
    const expected = loading.openRowSets();
    const load = async (from: typeof rowSets, column: typeof CLOSE) => {
      const handle = await from.open(key);
      const [loaded] = await handle.load([column]);
      const values = [...valuesOf(loaded!)];
      handle.release();
      return values;
    };
    const [close, high] = [await load(rowSets, CLOSE), await load(rowSets, HIGH)];
    emptySpool();
    expect([close, high]).toEqual([await load(expected, CLOSE), await load(expected, HIGH)]);
    const open = await rowSets.open(key);
    await open.load([CLOSE]);
    open.release();
    await expect.poll(() => rowSets.stats().rowSetCount).toBe(0);
    const held = await rowSets.open(key);
    await held.load([CLOSE]);
    await held.load([HIGH]);
    held.release();
  });

  test("serves every caller even when the budget has room for nothing", async () => {
    emptySpool();
    const rowSets = loading.openRowSets({ budgetBytes: 0 });
    const key = wholeKey(bars, { symbols: ["S000005"] });
    const lengths = await Promise.all(
      [1, 2, 3].map(async () => {
        const handle = await rowSets.open(key);
        const [close] = await handle.load([CLOSE]);
        const { length } = valuesOf(close!);
        handle.release();
        return length;
      }),
    );
    expect(new Set(lengths).size).toBe(1);
    await expect.poll(() => rowSets.stats()).toMatchObject({ rowSetCount: 0, byteLength: 0 });
    await expect.poll(() => readdirSync(join(loading.spoolDir, "row-sets"))).toEqual([]);
  });

  test("ends a load when all who waited for it gave up, and loads anew for who comes next", async () => {
    emptySpool();
    const rowSets = loading.openRowSets();
    const handle = await rowSets.open(wholeKey(bars));
    const reason = new Error("no longer wanted");
    const [one, two] = [new AbortController(), new AbortController()];
    const first = handle.load([CLOSE], { signal: one.signal });
    const second = handle.load([CLOSE], { signal: two.signal });
    one.abort(reason);
    await expect(first).rejects.toBe(reason);
    two.abort(reason);
    await expect(second).rejects.toBe(reason);
    const [close] = await handle.load([CLOSE]);
    expect(valuesOf(close!)).toHaveLength(bars.rowCount);
    handle.release();
  });

  test("goes on for one caller when another gives up", async () => {
    emptySpool();
    const rowSets = loading.openRowSets();
    const handle = await rowSets.open(wholeKey(bars));
    const abort = new AbortController();
    const given = handle.load([CLOSE], { signal: abort.signal });
    const kept = handle.load([CLOSE]);
    abort.abort(new Error("no longer wanted"));
    await expect(given).rejects.toThrow("no longer wanted");
    expect((await kept)[0]!.parts.reduce((sum, part) => sum + part.rowCount, 0)).toBe(bars.rowCount);
    expect(handle.statistics().rowCount).toBe(bars.rowCount);
    handle.release();
  });

  test("fails the load that ran when the engine died, leaves nothing half-written, and loads anew", async () => {
    emptySpool();
    const rowSets = loading.openRowSets();
    const handle = await rowSets.open(wholeKey(bars));
    const { pid } = await loading.engine.request({ op: "ping" });
    const load = handle.load([TS, CLOSE, HIGH, VOLUME]);
    process.kill(pid, "SIGKILL");
    await expect(load).rejects.toMatchObject({
      code: "engine-died",
      message: expect.stringMatching(/^Cannot finish load-columns: the data engine process was killed/),
    });
    const dir = join(loading.spoolDir, "row-sets", dirOf(rowSets)[0]!);
    expect(readdirSync(dir).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    expect(rowSets.has(wholeKey(bars), [CLOSE])).toBe(false);
    expect(valuesOf((await handle.load([CLOSE]))[0]!)).toHaveLength(bars.rowCount);
    handle.release();
  });

  test("refuses a column that the dataset does not have, and says which it has", async () => {
    const rowSets = loading.openRowSets();
    const handle = await rowSets.open(wholeKey(bars));
    await expect(handle.load([ownColumn("price", "float64")])).rejects.toMatchObject({
      code: "unknown-column",
      message: 'Cannot load column "price": dataset "bars" has symbol, ts, open, high, low, close, volume.',
    });
    handle.release();
  });

  test("refuses files that are no longer those of the record", async () => {
    const root = openLoading();
    try {
      const make = (dataDir: string, dayCount: number) =>
        makeDataset({
          dataDir,
          name: "damaged",
          columns: DAILY_COLUMNS,
          files: [dailyBarsSql({ symbolCount: 3, dayCount })],
        });
      const record = await make(root.dataDir, 10);
      const path = join(root.dataDir, "damaged", record.files[0]!.path);
      const elsewhere = mkdtempSync(join(tmpdir(), "quiver-other-"));
      const other = await make(elsewhere, 11);
      writeFileSync(path, readFileSync(join(elsewhere, "damaged", other.files[0]!.path)));
      rmSync(elsewhere, { recursive: true });
      const handle = await root.openRowSets().open(wholeKey(record));
      await expect(handle.load([CLOSE])).rejects.toMatchObject({
        code: "dataset-damaged",
        message: `Cannot read bars/part-00000.parquet of dataset "damaged": it gave ${other.rowCount} rows, but its record says ${record.rowCount}. Import the dataset's sources again into a new dataset.`,
      });
      writeFileSync(path, "no Parquet at all, and no end of one either");
      await expect(handle.load([CLOSE])).rejects.toMatchObject({
        code: "dataset-damaged",
        message: expect.stringMatching(
          /^Cannot read the files of dataset "damaged" in .*: .*part-00000.parquet does not end like a Parquet file\. Import/,
        ),
      });
      rmSync(path);
      await expect(handle.load([HIGH])).rejects.toMatchObject({
        code: "dataset-damaged",
        message: expect.stringMatching(
          /^Cannot read the files of dataset "damaged" in .*: ENOENT: no such file/,
        ),
      });
      handle.release();
    } finally {
      await root.close();
    }
  });

  test.skipIf(!canMount())(
    "says that the spool is full, leaving nothing half-written (needs mount)",
    async () => {
      const spoolDir = mkdtempSync(join(tmpdir(), "quiver-full-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=3m", "tmpfs", spoolDir]);
      const root = openLoading({ spoolDir });
      try {
        const record = await makeDataset({
          dataDir: root.dataDir,
          name: "bars",
          columns: DAILY_COLUMNS,
          files: [dailyBarsSql({ symbolCount: 20, dayCount: 50_000 })],
        });
        const rowSets = root.openRowSets();
        const handle = await rowSets.open(wholeKey(record));
        await expect(handle.load([CLOSE])).rejects.toMatchObject({
          code: "spool-full",
          message: expect.stringMatching(
            /^Cannot load close of dataset "bars": the disk of the spool .* is full\./,
          ),
        });
        const dir = join(spoolDir, "row-sets", readdirSync(join(spoolDir, "row-sets"))[0]!);
        expect(readdirSync(dir).toSorted()).toEqual(["index.json", "row-set.json"]);
        const one = await rowSets.open(wholeKey(record, { symbols: ["S000001"] }));
        expect(valuesOf((await one.load([CLOSE]))[0]!)).toHaveLength(one.index.rowCount);
        one.release();
        handle.release();
      } finally {
        await root.close();
        execFileSync("umount", [spoolDir]);
        rmSync(spoolDir, { recursive: true });
      }
    },
  );
});

/** Only a file system of a few megabytes can really be full; mounting one needs privileges. */
function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), "quiver-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", dir], { stdio: "ignore" });
    execFileSync("umount", [dir]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
