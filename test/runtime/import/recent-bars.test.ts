import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;

beforeEach(async () => {
  bench = await openImport();
});

afterEach(() => bench.close());

/** Daily bars of some symbols from a day of 2000-01-03 on. */
function days(symbols: number, firstDay: number, count: number, close = "100 + s + i % 7"): string {
  return `SELECT 'S' || s AS symbol, DATE '2000-01-03' + (d // 5 * 7 + d % 5)::INTEGER AS date,
    c - 1 AS open, c + 1 AS high, c - 2 AS low, c AS close, 1000 + i AS volume
    FROM (SELECT s, i, ${firstDay} + i AS d, (${close})::DOUBLE AS c FROM range(${symbols}) a(s), range(${count}) b(i))`;
}

const HISTORY = 2_000;

async function importDays(name: string, ...given: Parameters<typeof days>) {
  const file = await bench.parquet(name, days(...given));
  return await bench.run({ files: [file] }, { recentRowsMin: 1_000 });
}

const sinceSql = () => `DATE '1970-01-01' + ${bench.record().recent?.since ?? 0}`;

describe("importFiles() keeps the recent bars of a growing dataset once more", () => {
  test("from the second import on: every row since a time, and what they were taken from", async () => {
    await importDays("history.parquet", 3, 0, HISTORY);
    expect(bench.record().recent).toBeNull();
    await importDays("day.parquet", 3, HISTORY, 1);
    const { recent, files, firstTs, lastTs } = bench.record();
    expect(recent?.covers).toEqual(files.map(({ path }) => path));
    // Rather more than 400 bars, each 1.4 days after the other, and no more than a third of all.
    const bars = (lastTs! - recent!.since) / 1.4;
    expect(bars).toBeGreaterThan(400);
    expect(bars).toBeLessThan(500);
    expect(recent!.since).toBeGreaterThan(firstTs!);
    const copied = await bench.sql(
      `SELECT * FROM read_parquet('${join(bench.dataDir, "bars", recent!.file.path)}')`,
    );
    const all = await bench.sql(
      `SELECT * FROM read_parquet('${join(bench.dataDir, "bars", "bars", "*.parquet")}') WHERE ts >= ${sinceSql()} ORDER BY symbol, ts`,
    );
    expect(copied).toEqual(all);
    expect(copied).toHaveLength(recent!.file.rowCount);
  });

  test("and goes on with the copy there is while little is added", async () => {
    await importDays("history.parquet", 3, 0, HISTORY);
    await importDays("day1.parquet", 3, HISTORY, 1);
    const { recent } = bench.record();
    await importDays("day2.parquet", 3, HISTORY + 1, 1);
    expect(bench.record().recent).toEqual(recent);
    await importDays("year.parquet", 3, HISTORY + 2, 250);
    const next = bench.record().recent;
    expect(next?.covers).toEqual(bench.record().files.map(({ path }) => path));
    expect(next!.since).toBeGreaterThan(recent!.since);
  });

  test("and makes another when a file it was taken from is rewritten", async () => {
    await importDays("history.parquet", 3, 0, HISTORY);
    await importDays("day.parquet", 3, HISTORY, 1);
    const { recent } = bench.record();
    const report = await importDays("corrected.parquet", 1, HISTORY - 1, 1, "50");
    expect(report.replacedRows).toBe(1);
    const next = bench.record().recent;
    expect(next?.file.path).not.toBe(recent?.file.path);
    const rows = await bench.sql(
      `SELECT close FROM read_parquet('${join(bench.dataDir, "bars", next!.file.path)}')
       WHERE symbol = 'S0' ORDER BY ts DESC LIMIT 2 OFFSET 1`,
    );
    expect(rows[0]).toEqual(["50"]);
  });

  test("but not where they are most of it, nor of a small one, nor of attributes", async () => {
    await importDays("short.parquet", 3, 0, 900);
    await importDays("day.parquet", 3, 900, 1);
    expect(bench.record().recent).toBeNull();
    for (const [name, first] of [
      ["history.parquet", 0],
      ["next.parquet", HISTORY],
    ] as const) {
      const file = await bench.parquet(name, days(3, first, first === 0 ? HISTORY : 1));
      await bench.run({ dataset: "small", files: [file] });
    }
    expect(bench.record("small").recent).toBeNull();
    for (const sector of ["a", "b"]) {
      const file = bench.file(`${sector}.csv`, `symbol,sector\nS-${sector},${sector}\n`);
      await bench.run({ dataset: "sectors", files: [file] }, { recentRowsMin: 1 });
    }
    expect(bench.record("sectors").recent).toBeNull();
  });

  test("and removes one that no record names", async () => {
    await importDays("history.parquet", 3, 0, HISTORY);
    await importDays("day.parquet", 3, HISTORY, 1);
    const dir = join(bench.dataDir, "bars", "recent");
    const left = join(dir, "recent-unfinished.parquet");
    writeFileSync(left, "half");
    const file = await bench.parquet("later.parquet", days(3, HISTORY + 1, 1));
    await bench.run({ files: [file] }, { recentRowsMin: 1_000, now: () => new Date(Date.now() + 3_600_000) });
    expect(existsSync(left)).toBe(false);
    expect(readdirSync(dir)).toHaveLength(1);
  });
});
