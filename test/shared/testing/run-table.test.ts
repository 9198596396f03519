import { date32, defineTable, float64, timestamp, utf8 } from "quiver";
import { runTable } from "quiver/testing";
import { describe, expect, test } from "vitest";

const everyOther = defineTable({
  description: "every other bar",
  inputs: { bars: { close: float64 } },
  outputs: { ts: date32, close: float64, text: utf8 },
  handler({ bars: { close } }, { ts }) {
    const rows = Array.from(close.keys()).filter((row) => row % 2 === 1);
    return {
      ts: Int32Array.from(rows, (row) => Number(ts[row])),
      close: Float64Array.from(rows, (row) => close[row]!),
      text: rows.map((row) => (row === 1 ? null : `row ${row}`)),
    };
  },
});

describe("runTable()", () => {
  test("gives the table as plain values", () => {
    const run = runTable(everyOther, {
      inputs: { bars: { close: [1, null, 3, Infinity] } },
      ts: ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"],
    });
    expect(run).toEqual({
      rowCount: 2,
      columns: { ts: [19_724, 19_726], close: [null, null], text: [null, "row 3"] },
      warnings: [{ message: 'Output "close" held infinite values, stored as null', count: 1 }],
    });
  });

  test.each([
    ["null", null, 'returned null for symbol "TEST", expected an object of columns or an Arrow table.'],
    [
      "a promise",
      Promise.resolve(),
      'returned a promise for symbol "TEST", expected an object of columns or an Arrow table.',
    ],
    ["too few columns", { ts: BigInt64Array.of(1n) }, 'returned no column "x" for symbol "TEST".'],
    [
      "times in reverse",
      { ts: BigInt64Array.of(2n, 1n), x: Float64Array.of(1, 2) },
      'returned `ts` out of order in row 1 for symbol "TEST", expected strictly ascending times.',
    ],
    [
      "numbers where times are wanted",
      { ts: [1], x: [1] },
      'returned the number 1 in row 0 of the column "ts", expected timestamp for symbol "TEST".',
    ],
  ])("refuses %s", (_, result, message) => {
    const table = defineTable({
      description: "gives what it should not",
      inputs: { bars: { close: float64 } },
      outputs: { ts: timestamp, x: float64 },
      handler: () => result as never,
    });
    expect(() => runTable(table, { inputs: { bars: { close: [1] } } })).toThrow(
      `The handler of a table function ${message}`,
    );
  });
});
