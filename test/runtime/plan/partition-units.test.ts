import { describe, expect, test } from "vitest";
import { partitionUnits } from "../../../runtime/plan/partition-units.ts";
import type { UnitRanges } from "../../../shared/protocol/child-message.ts";

function unitsOf(rowCount: readonly number[]): UnitRanges {
  let row = 0;
  const firstRow = rowCount.map((rows) => (row += rows) - rows);
  const zeros = rowCount.map(() => 0);
  return { symbol: zeros, firstRow, rowCount, skip: zeros, outputRowCount: rowCount, ordinal: zeros };
}

const cut = (rowCount: readonly number[], limits: Partial<Parameters<typeof partitionUnits>[1]> = {}) =>
  partitionUnits(unitsOf(rowCount), {
    parallelism: 4,
    rowCountMin: 100,
    rowCountMax: 1_000,
    fileEnds: [],
    ...limits,
  }).map(({ first, end }) => rowCount.slice(first, end));

describe("partitionUnits()", () => {
  test("gives no partition to no units, and one to few rows, wherever files end", () => {
    expect(cut([])).toEqual([]);
    expect(cut([60, 30, 60], { fileEnds: [90] })).toEqual([[60, 30, 60]]);
  });

  test("cuts into as many as there are processes, of about equal rows", () => {
    expect(cut(Array.from({ length: 8 }, () => 100))).toEqual(Array.from({ length: 4 }, () => [100, 100]));
    expect(cut([700, 100, 100, 100])).toEqual([[700], [100], [100], [100]]);
  });

  test("never cuts a unit, however long", () => {
    expect(cut([5_000])).toEqual([[5_000]]);
  });

  test("cuts further where a partition would be too large for one process", () => {
    const runs = cut(
      Array.from({ length: 60 }, () => 100),
      { parallelism: 1 },
    );
    expect(runs).toHaveLength(6);
    expect(runs.map((run) => run.length)).toEqual([10, 10, 10, 10, 10, 10]);
  });

  test("ends partitions where files end when that costs little balance, and shares out the rest", () => {
    const rows = Array.from({ length: 20 }, () => 50);
    const runs = cut(rows, { parallelism: 2, fileEnds: [350, 1_000] });
    expect(runs.map((run) => run.length)).toEqual([7, 13]);
    expect(cut(rows, { parallelism: 2, fileEnds: [250, 1_000] }).map((run) => run.length)).toEqual([10, 10]);
    const three = cut(rows, { parallelism: 3, fileEnds: [250, 1_000] });
    expect(three.map((run) => run.length)).toEqual([5, 8, 7]);
  });

  test("gives every unit to exactly one partition, in order", () => {
    for (let seed = 1; seed < 200; seed++) {
      const rows = Array.from({ length: seed % 23 }, (_, i) => ((seed * 7919 + i * 104_729) % 997) + 1);
      const limits = { parallelism: (seed % 5) + 1, fileEnds: [500, 2_000, 3_500] };
      expect(cut(rows, limits).flat()).toEqual(rows);
      expect(cut(rows, limits).every((run) => run.length > 0)).toBe(true);
    }
  });
});
