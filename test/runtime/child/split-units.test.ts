import { describe, expect, test } from "vitest";
import { splitUnits } from "../../../runtime/child/split-units.ts";

/**
 * Units: two rows of look-back and four of output; five rows of a new symbol; three that are all late; one that is
 * settled.
 */
const UNITS = {
  symbol: [3, 5, 6, 8],
  firstRow: [10, 20, 40, 60],
  rowCount: [6, 5, 3, 1],
  skip: [2, 0, 1, 0],
  outputRowCount: [4, 5, 2, 1],
  ordinal: [100, 0, 7, 0],
};
const SETTLED = [3, 4, 0, 1];

describe("splitUnits()", () => {
  test("cuts units where their settled rows end, the second half right after the first", () => {
    expect(splitUnits(UNITS, SETTLED, { apart: false })).toEqual({
      units: {
        symbol: [3, 3, 5, 5, 6, 8],
        firstRow: [10, 15, 20, 24, 40, 60],
        rowCount: [5, 1, 4, 1, 3, 1],
        skip: [2, 0, 0, 0, 1, 0],
        outputRowCount: [3, 1, 4, 1, 2, 1],
        ordinal: [100, 105, 0, 4, 7, 0],
      },
      settledRows: [3, 0, 4, 0, 0, 1],
    });
  });

  test("puts all late rows after all settled ones where that is asked", () => {
    const { units, settledRows } = splitUnits(UNITS, SETTLED, { apart: true });
    expect(units.symbol).toEqual([3, 5, 8, 3, 5, 6]);
    expect(units.firstRow).toEqual([10, 20, 60, 15, 24, 40]);
    expect(settledRows).toEqual([3, 4, 1, 0, 0, 0]);
  });

  test("drops rows after the output ones only with the last half, and keeps units without output", () => {
    const units = {
      symbol: [1],
      firstRow: [0],
      rowCount: [9],
      skip: [1],
      outputRowCount: [5],
      ordinal: [0],
    };
    const half = splitUnits(units, [2], { apart: false }).units;
    expect([half.rowCount, half.skip, half.outputRowCount]).toEqual([
      [3, 6],
      [1, 0],
      [2, 3],
    ]);
    const none = splitUnits({ ...units, outputRowCount: [0] }, [0], { apart: false }).units;
    expect([none.rowCount, none.outputRowCount]).toEqual([[9], [0]]);
  });
});
