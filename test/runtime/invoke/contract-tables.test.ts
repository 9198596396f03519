import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { refusalOf, tableSource } from "../../support/author-functions.ts";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
beforeAll(async () => {
  functions = await openFunctions({ fill: makeMarket });
});
afterAll(() => functions.close());

const invoke = (name: string, request: object = {}) => functions.invoke({ function: name, ...request });

const refusal = (name: string, request: object = {}) => refusalOf(invoke(name, request));

const table = (name: string, ...parts: Parameters<typeof tableSource>) =>
  functions.write(`${name}/index.ts`, tableSource(...parts));

describe("a table's handler that returns", () => {
  test.each([
    [
      "nothing",
      "",
      'returned a value of type undefined for symbol "S000000", expected an object of columns or an Arrow table.',
    ],
    [
      "a-promise",
      "return Promise.resolve({});",
      'returned a promise for symbol "S000000", expected an object of columns or an Arrow table.',
    ],
    ["no-x", "return { ts };", 'returned no column "x" for symbol "S000000".'],
    [
      "an-unknown-column",
      "return { ts, x: close, y: close };",
      'returned the column "y" for symbol "S000000", which is not among its outputs (ts, x).',
    ],
    [
      "unequal-lengths",
      "return { ts, x: close.subarray(1) };",
      'returned columns of different lengths (ts: 15, x: 14) for symbol "S000000".',
    ],
    [
      "another-array",
      "return { ts, x: Float32Array.from(close) };",
      'returned a Float32Array as the column "x", expected a Float64Array (float64) for symbol "S000000".',
    ],
    [
      "times-in-reverse",
      "return { ts: ts.toReversed(), x: close };",
      'returned `ts` out of order in row 1 for symbol "S000000", expected strictly ascending times.',
    ],
    [
      "a-time-twice",
      "return { ts: Int32Array.of(1, 2, 2), x: Float64Array.of(1, 2, 3) };",
      'returned `ts` out of order in row 2 for symbol "S000000", expected strictly ascending times.',
    ],
    [
      "a-null-time",
      "return { ts: [1, null], x: Float64Array.of(1, 2) };",
      'returned a null `ts` in row 1 for symbol "S000000".',
    ],
    [
      "half-a-day",
      "return { ts: [1.5], x: Float64Array.of(1) };",
      'returned the number 1.5 in row 0 of the column "ts", expected date32 for symbol "S000000".',
    ],
    [
      "text-as-number",
      'return { ts: [1], x: ["1"] };',
      'returned a string in row 0 of the column "x", expected float64 for symbol "S000000".',
    ],
    [
      "a-short-valid",
      "return { ts: Int32Array.of(1), x: { values: Float64Array.of(1), valid: new Uint8Array(2) } };",
      'returned `valid` of "x" that is not a Uint8Array of the same length as its values for symbol "S000000".',
    ],
  ])("%s", async (name, body, message) => {
    table(name, body);
    expect(await refusal(name)).toMatchObject({
      code: "contract-broken",
      message: `The handler of a table function ${message}`,
    });
    expect(functions.leftInSpool()).toEqual([]);
  });

  test("another symbol than the one it was given", async () => {
    table(
      "another-symbol",
      'return { symbol: ["S000009"], ts: [1], x: [1] };',
      "outputs: { symbol: utf8, ts: date32, x: float64 },",
    );
    expect((await refusal("another-symbol")).message).toBe(
      'The handler of a table function returned the `symbol` "S000009" in row 0 for symbol "S000000", expected the symbol of the unit.',
    );
    table(
      "unknown-symbol",
      'return { symbol: ["S000002", "nobody"], ts: [1, 1], x: [1, 2] };',
      'outputs: { symbol: utf8, ts: date32, x: float64 }, partition: "whole",',
    );
    expect((await refusal("unknown-symbol")).message).toBe(
      'The handler of a table function returned the `symbol` "nobody" in row 1 for the whole selection, expected one of ' +
        "the symbols it was given.",
    );
  });

  test("a key twice, over two dates", async () => {
    table(
      "same-key",
      'return { symbol: ["S000002"], ts: [19000], x: [1] };',
      'outputs: { symbol: utf8, ts: date32, x: float64 }, partition: "date",',
    );
    expect((await refusal("same-key")).message).toBe(
      'The handler of a table function returned two rows for symbol "S000002" at 19000, expected unique keys.',
    );
  });

  test("an Arrow table, whose dates, times, text and nulls are taken over", async () => {
    table(
      "gives-arrow",
      `return new Table({
        ts: vectorFromArray([new Date(19000 * 864e5), new Date(19001 * 864e5)], new DateDay()),
        at: vectorFromArray([1.7e12, null], new TimestampMicrosecond("UTC")),
        text: vectorFromArray(["a", null], new Utf8()),
        n: vectorFromArray([2n ** 60n, null], new Int64()),
        yes: vectorFromArray([true, null], new Bool()),
        x: vectorFromArray([NaN, Infinity]),
      });`,
      "outputs: { ts: date32, at: timestamp, text: utf8, n: int64, yes: bool, x: float64 },",
    );
    const { columns, ts, facts } = await invoke("gives-arrow", { symbols: ["S000003"] });
    expect(ts).toEqual([19_000n, 19_001n]);
    expect(columns).toMatchObject({
      at: [1.7e12, null],
      text: ["a", null],
      n: [2n ** 60n, null],
      yes: [true, null],
      x: [null, null],
    });
    expect(facts.warnings).toEqual([
      { message: 'Output "x" held infinite values, stored as null', count: 1 },
    ]);
  });
});
