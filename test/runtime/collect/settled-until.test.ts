import { describe, expect, test } from "vitest";
import { settledUntil } from "../../../runtime/collect/settled-until.ts";
import type { SymbolIndex } from "../../../runtime/store/dataset.ts";

const DAILY = [{ name: "ts", type: "date32", nullable: false }] as const;
const INTRADAY = [{ name: "ts", type: "timestamp", nullable: false }] as const;
const DAY = 86_400_000_000;

/** Symbols with so many bars, each from its first time to its last. */
function index(ends: readonly number[], bars = 1001, length = 1400): SymbolIndex {
  return {
    formatVersion: 1,
    symbols: ends.map((_, i) => `S${i}`),
    rowCounts: ends.map(() => bars),
    firstTs: ends.map((end) => end - length),
    lastTs: [...ends],
    firstRows: null,
  };
}

describe("settledUntil()", () => {
  test("leaves a week of daily bars, and four days of bars within the day", () => {
    expect(settledUntil(index([19_000, 18_000]), DAILY, null)).toBe(18_993);
    const last = 19_000 * DAY;
    expect(settledUntil(index([last], 100_000, 300 * DAY), INTRADAY, null)).toBe(last - 4 * DAY);
  });

  test("leaves five bars where they lie further apart", () => {
    expect(settledUntil(index([19_000], 101, 3_000), DAILY, null)).toBe(19_000 - 5 * 30);
  });

  test("stays where it is until there are three weeks, and then goes on to a week ago", () => {
    expect(settledUntil(index([19_000]), DAILY, 18_979)).toBe(18_979);
    expect(settledUntil(index([19_000]), DAILY, 18_978)).toBe(18_993);
  });

  test("never goes back, as where the symbols that went on are removed", () => {
    expect(settledUntil(index([18_000]), DAILY, 18_500)).toBe(18_500);
  });

  test("goes by symbols that are alive, and not by one of many with a date of the future", () => {
    const delisted = Array.from({ length: 150 }, (_, i) => 15_000 + i);
    expect(settledUntil(index([...delisted, 19_000, 19_000, 90_000]), DAILY, null)).toBe(18_993);
  });

  test("is nothing where there are no times", () => {
    expect(settledUntil(index([]), DAILY, null)).toBeNull();
  });
});
