import {
  bool,
  date32,
  defineFeature,
  float32,
  float64,
  fromDataset,
  int32,
  int64,
  timestamp,
  utf8,
} from "quiver";
import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import { z } from "zod";

const scaled = defineFeature({
  description: "the close times a factor, summed in the state",
  params: z.object({ factor: z.number().min(1).default(2) }),
  inputs: { bars: { close: float64 } },
  outputs: { x: float64, flag: bool },
  memory: { stateLength: 1 },
  handler({ bars: { close } }, out, { params, state, rowCount, warn }) {
    for (let i = 0; i < rowCount; i++) {
      out.x[i] = close[i]! * params.factor;
      state[0] = state[0]! + close[i]!;
      if (close[i]! > 2) {
        out.flag.values[i] = 9;
        out.flag.valid[i] = 9;
      }
    }
    if (rowCount > 2) warn("many rows");
  },
});

describe("runFeature()", () => {
  test("gives the outputs as they would be stored, nulls where nothing was written", () => {
    const { outputs, state, warnings } = runFeature(scaled, {
      inputs: { bars: { close: [1, null, 3, Infinity] } },
      params: { factor: 10 },
    });
    expect(outputs.x).toEqual(Float64Array.of(10, NaN, 30, NaN));
    expect(outputs.flag).toEqual({ values: Uint8Array.of(0, 0, 1, 1), valid: Uint8Array.of(0, 0, 1, 1) });
    expect(state).toEqual(Float64Array.of(NaN));
    expect(warnings).toEqual([
      { message: "many rows", count: 1 },
      { message: 'Output "x" held infinite values, stored as null', count: 1 },
    ]);
  });

  test("goes on from a saved state", () => {
    const first = runFeature(scaled, { inputs: { bars: { close: [1, 2] } } });
    const second = runFeature(scaled, { inputs: { bars: { close: [4] } }, state: first.state });
    expect(second.state).toEqual(Float64Array.of(7));
  });

  test("gives every kind of view: other datasets, text, integers with nulls, times", () => {
    const views = defineFeature({
      description: "what it sees",
      inputs: {
        bars: { close: float32 },
        facts: fromDataset("facts", {
          columns: { sector: utf8, lot: int32.orNull(), big: int64, day: date32, at: timestamp.orNull() },
        }),
      },
      outputs: { x: float64 },
      handler({ facts, bars }, _, { symbol, ordinal, ts, clock }) {
        expect(bars.close).toEqual(Float32Array.of(1, NaN));
        expect(facts.sector).toEqual({ codes: Int32Array.of(0, -1), labels: ["tech"] });
        expect(facts.lot).toEqual({ values: Int32Array.of(10, 0), valid: Uint8Array.of(1, 0) });
        expect(facts.big).toEqual(BigInt64Array.of(5n, 6n));
        expect(facts.day).toEqual(Int32Array.of(1, 2));
        expect(facts.at).toEqual({ values: BigInt64Array.of(0n, 7n), valid: Uint8Array.of(0, 1) });
        expect([symbol, ordinal]).toEqual(["AAPL", 3]);
        expect(ts).toEqual(BigInt64Array.of(1_704_205_800_000_000n, 1_704_205_860_000_000n));
        expect(clock).toMatchObject({ timezone: "America/New_York", stamp: "start" });
      },
    });
    runFeature(views, {
      inputs: {
        bars: { close: [1, null] },
        facts: { sector: ["tech", null], lot: [10, null], big: [5, 6n], day: [1, 2], at: [null, 7n] },
      },
      symbol: "AAPL",
      ordinal: 3,
      ts: ["2024-01-02T14:30:00Z", "2024-01-02T14:31:00Z"],
      clock: { timezone: "America/New_York" },
    });
  });

  test("gives the symbols of a cross-section", () => {
    const cross = defineFeature({
      description: "symbols of a date",
      partition: "date",
      inputs: { bars: { close: float64 } },
      outputs: { code: int32 },
      handler(_, out, { symbols, symbol }) {
        expect(symbol).toBe("");
        expect(symbols?.labels).toEqual(["A", "B"]);
        out.code.values.set(symbols!.codes);
        out.code.valid.fill(1);
      },
    });
    const given = { inputs: { bars: { close: [1, 2, 3] } } };
    expect(runFeature(cross, { ...given, symbols: ["B", "A", "B"] }).outputs.code.values).toEqual(
      Int32Array.of(1, 0, 1),
    );
    expect(() => runFeature(cross, given)).toThrow(
      "Cannot run a unit of several symbols without `symbols`: expected the symbol of each of 3 rows, got none.",
    );
  });

  const close = { bars: { close: [1, 2, 3] } };
  test.each([
    [
      { inputs: close, params: { factor: 0 } },
      'Cannot use 0 for the parameter "factor": expected a number of at least 1.',
    ],
    [
      { inputs: close, params: { facto: 3 } },
      'Cannot find the parameter "facto": it has factor. Did you mean "factor"?',
    ],
    [{ inputs: {} }, 'Cannot run without the input "bars": expected bars.'],
    [
      { inputs: { ...close, index: {} } },
      'Cannot use the input "index": the function does not declare it, expected bars.',
    ],
    [{ inputs: { bars: {} } }, 'Cannot run without the column "close" of the input "bars": expected close.'],
    [
      { inputs: { bars: { close: [1], open: [1] } } },
      'Cannot use the column "open" of the input "bars": the function does not declare it, expected close.',
    ],
    [{ inputs: { bars: { close: ["1"] } } }, 'Cannot give "1" in row 0 of bars.close: expected float64.'],
    [{ inputs: close, ts: Int32Array.of(1) }, "Cannot run on 3 rows with 1 times in `ts`."],
    [
      { inputs: close, ts: ["2024-01-01", "2024-01-02T00:00", "x"] },
      'Cannot use "2024-01-01" in `ts`: expected only dates, or only times with a zone ("2024-01-02T14:30:00Z").',
    ],
    [
      { inputs: close, state: new Float64Array(2) },
      "Cannot resume from a state of 2 doubles: the function declares 1.",
    ],
  ])("refuses %j", (given, message) => {
    expect(() => runFeature(scaled, given)).toThrow(message);
  });

  test("refuses columns of different lengths, and nulls and fractions where none may be", () => {
    const two = defineFeature({
      description: "two columns",
      inputs: { bars: { close: float64, n: int32 } },
      outputs: { x: float64 },
      handler() {},
    });
    const run = (n: (number | null)[]) => () => runFeature(two, { inputs: { bars: { close: [1, 2], n } } });
    expect(run([1])).toThrow("Cannot run on columns of different lengths (bars.close: 2, bars.n: 1).");
    expect(run([1, null])).toThrow(
      "Cannot give null in row 1 of bars.n: expected int32; declare the column with orNull() to allow nulls.",
    );
    expect(run([1, 1.5])).toThrow("Cannot give 1.5 in row 1 of bars.n: expected int32.");
  });

  test("holds a handler to the contract: synchronous, outputs and parameters not replaced", () => {
    const make = (handler: (inputs: unknown, out: never, context: never) => unknown) =>
      defineFeature({
        description: "breaks its contract",
        inputs: { bars: { close: float64 } },
        outputs: { x: float64 },
        params: z.object({ n: z.int().default(1) }),
        handler: handler as () => void,
      });
    expect(() =>
      runFeature(
        make(async () => {}),
        { inputs: close },
      ),
    ).toThrow(
      'The handler of a feature returned a promise for symbol "TEST", expected nothing: it must be synchronous and write ' +
        "its results into the arrays of its second argument.",
    );
    expect(() =>
      runFeature(
        make((_, out: { x: unknown }) => void (out.x = 1)),
        { inputs: close },
      ),
    ).toThrow(TypeError);
    expect(() =>
      runFeature(
        make((_, __, context: { params: { n: number } }) => void context.params.n++),
        { inputs: close },
      ),
    ).toThrow(TypeError);
  });

  test("refuses a definition that the runtime would refuse", () => {
    const keyed = defineFeature({
      description: "an output of a name that is taken",
      inputs: { bars: { close: float64 } },
      outputs: { ts: date32 },
      handler() {},
    });
    expect(() => runFeature(keyed, { inputs: close })).toThrow(
      'Cannot run this function: it has an output "ts", which every result already has. Choose another name.',
    );
  });
});
