import { describe, expect, test } from "vitest";
import {
  inputRanges,
  requiredOutputs,
  selectSymbolUnits,
  selectTimeUnits,
  type Window,
} from "../../../runtime/plan/select-units.ts";
import type { RowSetIndex } from "../../../shared/protocol/row-set.ts";

/** Symbols with these times, one after the other. */
function bySymbol(times: readonly (readonly number[])[]): { index: RowSetIndex; all: number[] } {
  const firstRows = [0];
  for (const one of times) firstRows.push(firstRows.at(-1)! + one.length);
  const all = times.flat();
  const symbols = times.map((_, i) => `S${i}`);
  return {
    index: {
      order: "symbol-time",
      tsType: "date32",
      rowCount: all.length,
      symbols,
      firstRows,
      unitTimes: [],
    },
    all,
  };
}

function random(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

function someTimes(next: () => number): number[][] {
  return Array.from({ length: 1 + Math.floor(next() * 6) }, () =>
    Array.from({ length: 30 }, (_, day) => day).filter(() => next() < 0.5),
  );
}

function someWindow(next: () => number): Window {
  const bound = () => (next() < 0.3 ? null : Math.floor(next() * 34) - 2);
  return { from: bound(), to: bound(), knownUntil: bound() };
}

describe("selectSymbolUnits()", () => {
  test("gives the rows within the window, of any selection, as picking them one by one does", () => {
    for (let seed = 1; seed < 300; seed++) {
      const next = random(seed);
      const times = someTimes(next);
      const { index, all } = bySymbol(times);
      const window = someWindow(next);
      const symbols =
        next() < 0.5 ? null : times.map((_, i) => (next() < 0.2 ? -1 : i)).filter(() => next() < 0.7);
      const ranges = selectSymbolUnits(index, symbols, window, (row) => all[row]!);
      const picked = ranges.symbol.flatMap((symbol, i) => {
        const rows = ranges.endRow[i]! - ranges.firstRow[i]!;
        expect(rows).toBeGreaterThan(0);
        return Array.from({ length: rows }, (_, k) => [symbol, ranges.firstRow[i]! + k]);
      });
      const { from, to, knownUntil } = window;
      const expected = (symbols ?? times.map((_, i) => i)).flatMap((unit, symbol) =>
        unit < 0
          ? []
          : times[unit]!.flatMap((time, k) => {
              const isIn =
                (from === null || time >= from) &&
                (to === null || time < to) &&
                (knownUntil === null || time <= knownUntil);
              return isIn ? [[symbol, index.firstRows[unit]! + k]] : [];
            }),
      );
      expect(picked).toEqual(expected);
    }
  });
});

describe("selectTimeUnits()", () => {
  test("gives the moments within the window", () => {
    for (let seed = 1; seed < 300; seed++) {
      const next = random(seed);
      const unitTimes = Array.from({ length: 30 }, (_, day) => day).filter(() => next() < 0.6);
      const firstRows = [0];
      for (const _ of unitTimes) firstRows.push(firstRows.at(-1)! + 1 + Math.floor(next() * 3));
      const window = someWindow(next);
      const { from, to, knownUntil } = window;
      const ranges = selectTimeUnits(
        {
          order: "time-symbol",
          tsType: "date32",
          rowCount: firstRows.at(-1)!,
          symbols: [],
          firstRows,
          unitTimes,
        },
        window,
      );
      const expected = unitTimes.flatMap((time, unit) =>
        (from === null || time >= from) &&
        (to === null || time < to) &&
        (knownUntil === null || time <= knownUntil)
          ? [[firstRows[unit], firstRows[unit + 1]]]
          : [],
      );
      expect(ranges.firstRow.map((row, i) => [row, ranges.endRow[i]])).toEqual(expected);
      expect(ranges.symbol).toEqual(expected.map(() => -1));
    }
  });
});

describe("inputRanges()", () => {
  const outputs = selectSymbolUnits(
    bySymbol([Array.from({ length: 10 }, (_, day) => day)]).index,
    null,
    { from: 6, to: 8, knownUntil: null },
    (row) => row,
  );

  test("adds the look-back, as far as there are bars, and never ends at the window", () => {
    expect(inputRanges(outputs, 2)).toEqual({
      symbol: [0],
      firstRow: [4],
      rowCount: [6],
      skip: [2],
      outputRowCount: [2],
      ordinal: [4],
    });
    expect(inputRanges(outputs, 20)).toMatchObject({ firstRow: [0], skip: [6], ordinal: [0] });
    expect(inputRanges(outputs, null)).toEqual(inputRanges(outputs, 20));
  });

  test("is what an upstream stage has to output, look-back by look-back", () => {
    const inner = requiredOutputs(outputs, inputRanges(outputs, 2));
    expect(inputRanges(inner, 3)).toMatchObject({
      firstRow: [1],
      skip: [3],
      outputRowCount: [6],
      rowCount: [9],
    });
  });
});
