import { describe, expect, test } from "vitest";
import { type ChecksumUnit, checksumsPerUnit, rowChecksum } from "../../../shared/row-checksum/index.ts";

const SCHEMA = { tsType: "date32", columns: [{ name: "rsi", type: "float64" }] } as const;

function unit(symbol: string, rowCount: number, ...words: number[]): ChecksumUnit {
  return { symbol, rowCount, checksums: Uint32Array.from(words) };
}

describe("rowChecksum()", () => {
  const units = [unit("A", 2, 1, 2, 3), unit("B", 1, 4, 5, 6)];
  const whole = rowChecksum(SCHEMA, units);

  test("is pinned: a change of its definition would make every stored version differ", () => {
    expect(whole).toBe("7121903fcc32098ec479a03b1d6f871808d5f0021745701a6a2130a004bd2eb5");
    expect(rowChecksum(SCHEMA, [])).toBe("3ae62d25eff5cf019de3ad88d8e2422653fa191c0368f98903b548da4303b4ee");
  });

  test("does not count symbols without rows", () => {
    expect(rowChecksum(SCHEMA, [units[0]!, unit("AA", 0, 0, 0, 0), units[1]!])).toBe(whole);
  });

  test.each([
    ["a row count", [unit("A", 3, 1, 2, 3), units[1]!]],
    ["a word", [unit("A", 2, 1, 2, 4), units[1]!]],
    ["a symbol's name", [unit("C", 2, 1, 2, 3)]],
    ["the last symbol left out", [units[0]!]],
  ])("changes with %s", (_, other) => {
    expect(rowChecksum(SCHEMA, other)).not.toBe(whole);
  });

  test("changes with a column's name, a column's type and the type of ts", () => {
    const others = [
      { ...SCHEMA, columns: [{ name: "rsi2", type: "float64" }] } as const,
      { ...SCHEMA, columns: [{ name: "rsi", type: "int64" }] } as const,
      { ...SCHEMA, tsType: "timestamp" } as const,
    ].map((schema) => rowChecksum(schema, units));
    expect(new Set([whole, ...others]).size).toBe(4);
  });

  test("orders symbols as UTF-8 bytes, not as UTF-16 units", () => {
    const astral = unit("\u{10000}", 1, 1, 2, 3);
    const high = unit("\uFFFD", 1, 1, 2, 3);
    expect(rowChecksum(SCHEMA, [high, astral])).toHaveLength(64);
    expect(() => rowChecksum(SCHEMA, [astral, high])).toThrow(RangeError);
  });

  test("refuses symbols out of order or twice", () => {
    expect(() => rowChecksum(SCHEMA, [units[1]!, units[0]!])).toThrow(
      'Cannot combine row checksums: symbol "A" follows "B", expected symbols in ascending order, each once.',
    );
    expect(() => rowChecksum(SCHEMA, [units[0]!, units[0]!])).toThrow(
      'Cannot combine row checksums: symbol "A" follows "A", expected symbols in ascending order, each once.',
    );
  });

  test("refuses words of another number of columns", () => {
    expect(() => rowChecksum(SCHEMA, [unit("A", 1, 1, 2)])).toThrow(
      'Cannot combine row checksums: symbol "A" has 2 words, expected 3.',
    );
    expect(checksumsPerUnit(4)).toBe(9);
  });
});
