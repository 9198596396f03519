import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
beforeAll(async () => {
  functions = await openFunctions({ fill: makeMarket, environment: { FIXTURE_TOKEN: "a" } });
});
afterAll(() => functions.close());

const invoke = (name: string, request: object = {}) => functions.invoke({ function: name, ...request });
const explain = (name: string, request: object = {}) =>
  functions.parts.invoker.explain({ function: name, ...request });

describe("a function on results of both orders", () => {
  test("computes equal upstream calls once, and gathers between the orders", async () => {
    const { stages } = await explain("two-orders");
    expect(stages.map((stage) => [stage.function, stage.order])).toEqual([
      ["symbol-number", "symbol-time"],
      ["rank-by-date", "time-symbol"],
      [null, "symbol-time"],
      ["two-orders", "symbol-time"],
    ]);
  });

  test.each([{}, { symbols: ["S000003"] }, { symbols: ["S000004", "S000001"], from: "2023-12-20" }])(
    "sees its own symbol in all of them, selected by %j",
    async (request) => {
      const [rows, ranks] = await Promise.all([
        invoke("two-orders", request),
        invoke("rank-by-date", request),
      ]);
      const numbers = rows.symbols.map((symbol) => Number(symbol.slice(1)));
      expect(rows.rowCount).toBeGreaterThan(0);
      expect(rows.columns["number"]).toEqual(numbers);
      expect(rows.columns["again"]).toEqual(numbers);
      expect(rows.columns["code"]).toEqual(numbers);
      expect(rows.columns["rank"]).toEqual(ranks.columns["rank"]);
      expect(functions.leftInSpool()).toEqual([]);
    },
  );
});

describe("results that are kept", () => {
  test("are those of functions; copies in another order go when they are read, and are made again where they are wanted", async () => {
    const keeping = await openFunctions({ fill: makeMarket, settings: { resultBytes: 2 ** 30 } });
    try {
      const { results } = keeping.parts;
      const request = { function: "two-orders" };
      const plan = await keeping.parts.invoker.explain(request);
      const first = await keeping.invoke(request);
      const partitionsOf = (isCopy: boolean) =>
        plan.stages
          .filter((stage) => (stage.function === null) === isCopy)
          .reduce((sum, stage) => sum + stage.partitions.length, 0);
      expect(partitionsOf(true)).toBe(1);
      expect(results.usage().count).toBe(partitionsOf(false));
      const later = await keeping.invoke({ ...request, from: "2023-12-20" });
      expect(later.columns["rank"]).toEqual(
        first.columns["rank"]!.filter((_, row) => first.ts[row]! >= later.ts[0]!),
      );
      // Two functions in the order of symbols had other rows to do; ranks of all moments were found, and copied again.
      expect(results.usage().count).toBe(partitionsOf(false) + 2);
    } finally {
      await keeping.close();
    }
  });
});

describe("a cross-section", () => {
  test("runs on another function's result", async () => {
    const request = { inputs: { bars: { function: "closes-again" } } };
    const { stages } = await explain("rank-by-date", request);
    expect(stages.map((stage) => [stage.function, stage.order])).toEqual([
      ["closes-again", "symbol-time"],
      [null, "time-symbol"],
      ["rank-by-date", "time-symbol"],
      [null, "symbol-time"],
    ]);
    const [through, straight] = await Promise.all([invoke("rank-by-date", request), invoke("rank-by-date")]);
    expect(through.columns).toEqual(straight.columns);
  });

  test("computes the dates that are asked for, and no others", async () => {
    const { stages } = await explain("rank-by-date", { from: "2023-12-30" });
    expect(stages[0]!.partitions[0]!.units.rowCount).toEqual([4, 4, 5]);
    const through = await explain("rank-by-date", {
      from: "2023-12-30",
      inputs: { bars: { function: "closes-again" } },
    });
    expect(through.stages.map((stage) => stage.partitions[0]!.outputRowCount)).toEqual([151, 13, 13, 13]);
  });
});

describe("a function on a table's rows", () => {
  const source = (input: string) => `import { defineFeature, float64, fromFunction, price } from "quiver";
export default defineFeature({ description: "t", inputs: { ${input} }, outputs: { close: price }, handler(inputs, out) { out.close.set(Object.values(inputs)[0]!.close); } });`;
  const table = 'fromFunction("monthly-last", { params: { every: 2 }, columns: { close: float64 } })';

  test("may be the first input of another, and so on", async () => {
    functions.write("on-monthly/index.ts", source(`bars: ${table}`));
    const [direct, through] = await Promise.all([
      invoke("running-sum", { inputs: { bars: { function: "monthly-last", params: { every: 2 } } } }),
      invoke("running-sum", { inputs: { bars: { function: "on-monthly" } } }),
    ]);
    expect(direct.rowCount).toBeGreaterThan(50);
    expect(through.ts).toEqual(direct.ts);
    expect(through.columns).toEqual(direct.columns);
    expect(functions.leftInSpool()).toEqual([]);
  });

  test("cannot read a dataset's rows beside, nor be one input of several", async () => {
    functions.write("beside-monthly/index.ts", source(`bars: ${table}, daily: { close: float64 }`));
    await expect(invoke("beside-monthly")).rejects.toThrow(
      'Cannot run "beside-monthly" on the rows of the table function "monthly-last": its input "daily" reads a dataset, ' +
        "which cannot be matched to them. Publish the table, import it, and match the datasets.",
    );
    functions.write("second-monthly/index.ts", source(`daily: { close: float64 }, bars: ${table}`));
    const message =
      'Cannot bind the input "bars" of "second-monthly" to the table function "monthly-last": its rows are its own, so it ' +
      "can only be the first input, which decides the rows.";
    await expect(invoke("second-monthly")).rejects.toThrow(message);
    await expect(invoke("running-sum", { inputs: { bars: { function: "second-monthly" } } })).rejects.toThrow(
      message,
    );
  });

  test("is published with the table's parameters and dataset in its lineage, and refused with others", async () => {
    const request = (every: number) => ({
      function: "running-sum",
      as: "monthly-sum",
      inputs: { bars: { function: "monthly-last", params: { every } } },
    });
    const { manifest } = await functions.publish(request(2));
    const { record } = functions.parts.datasets.get("demo");
    expect(manifest.lineage.inputs).toEqual([
      {
        input: "bars",
        function: "monthly-last",
        params: { every: 2 },
        dataset: "demo",
        datasetVersion: record.fingerprint,
        fingerprint: expect.stringMatching(/^[0-9a-f]{32}$/),
      },
    ]);
    await expect(functions.publish(request(3))).rejects.toThrow(
      'Cannot publish "monthly-sum" of demo: the name holds something else; the input "bars" is ' +
        '{"function":"monthly-last","params":{"every":2}} there and {"function":"monthly-last","params":{"every":3}} here.',
    );
    expect((await functions.publish(request(2))).created).toBe(false);
  });
});

describe("a label", () => {
  const source = (
    kind: string,
    input: string,
  ) => `import { defineFeature, float64, fromFunction, price } from "quiver";
export default defineFeature({ description: "l", kind: "${kind}", inputs: { bars: ${input} }, outputs: { close: price },
  handler({ bars: { close } }, out) { for (let i = 0; i + 1 < close.length; i++) out.close[i] = close[i + 1]!; } });`;

  test("is no input of a feature, and may be one of another label", async () => {
    functions.write("next-close/index.ts", source("label", "{ close: float64 }"));
    functions.write(
      "leaks/index.ts",
      source("feature", 'fromFunction("next-close", { columns: { close: float64 } })'),
    );
    await expect(invoke("leaks")).rejects.toMatchObject({
      code: "input-invalid",
      message:
        'Cannot bind the input "bars" of "leaks" to "next-close": it is a label, which looks ahead, and a feature must not. ' +
        'Declare `kind: "label"` if the function looks ahead too.',
    });
    functions.write(
      "after-next/index.ts",
      source("label", 'fromFunction("next-close", { columns: { close: float64 } })'),
    );
    const [closes, twoAhead] = await Promise.all([invoke("closes-again"), invoke("after-next")]);
    const expected = closes.symbols.map((symbol, i) =>
      closes.symbols[i + 2] === symbol ? closes.columns["close"]![i + 2] : null,
    );
    expect(twoAhead.columns["close"]).toEqual(expected);
  });
});

describe("a plan", () => {
  test("is plain data, and says what is read and what is missing", async () => {
    const plan = await explain("rsi-macd");
    expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    expect(plan).toMatchObject({
      function: "rsi-macd",
      dataset: "demo",
      outputRowCount: 151,
      symbolCount: 5,
      rowsOf: null,
      stages: [
        {
          function: "rsi-macd",
          lookBack: null,
          stateLength: expect.any(Number),
          partitions: [{ inputRowCount: 151 }],
        },
      ],
    });
    expect(plan.sourceFiles).toHaveLength(1);
  });

  test("has a fingerprint of all that its values depend on, and of nothing else", async () => {
    const one = (request: object, name = "mean-of-last") =>
      explain(name, request).then((plan) => plan.fingerprint);
    const base = await one({});
    expect(await one({ dataset: "demo", params: { bars: 5 } })).toBe(base);
    const others = await Promise.all(
      [
        { params: { bars: 6 } },
        { symbols: ["S000001"] },
        { from: "2023-12-01" },
        { to: "2023-12-01" },
        { asOf: "2023-12-01" },
        { dataset: "other" },
        { inputs: { bars: { function: "closes-again" } } },
      ].map((request) => one(request)),
    );
    expect(new Set([base, ...others]).size).toBe(8);
  });

  test("has another fingerprint when a function upstream was edited", async () => {
    const request = { inputs: { bars: { function: "upstream" } } };
    const write = (value: number) =>
      functions.write(
        "upstream/index.ts",
        `import { defineFeature, float64, price } from "quiver";
export default defineFeature({ description: "u", inputs: { bars: { close: float64 } }, outputs: { close: price }, handler(_, out) { out.close.fill(${value}); } });`,
      );
    write(1);
    const before = (await explain("running-sum", request)).fingerprint;
    write(2);
    expect((await explain("running-sum", request)).fingerprint).not.toBe(before);
  });

  test("has another fingerprint when a declared variable has another value", async () => {
    const before = (await explain("reads-environment")).fingerprint;
    const other = await openFunctions({ dataDir: functions.dataDir, environment: { FIXTURE_TOKEN: "b" } });
    try {
      const plan = await other.parts.invoker.explain({ function: "reads-environment" });
      expect(plan.fingerprint).not.toBe(before);
    } finally {
      await other.close();
    }
  });
});
