import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeMarket } from "../../support/function-market.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../../support/open-functions.ts";

/** More rows than one process gets: 300 symbols with up to 2,300 days. */
const LARGE = { symbolCount: 300, dayCount: 2_300 } as const;
const SMALL = { symbolCount: 7, dayCount: 40, seed: 3 } as const;

let functions: OpenedFunctions;
beforeAll(async () => {
  functions = await openFunctions({
    async fill(dataDir) {
      await makeMarket(dataDir);
      await makeDataset({ dataDir, name: "large", columns: DAILY_COLUMNS, files: [dailyBarsSql(LARGE)] });
      await makeDataset({ dataDir, name: "one-file", columns: DAILY_COLUMNS, files: [dailyBarsSql(SMALL)] });
      await makeDataset({
        dataDir,
        name: "by-symbol",
        columns: DAILY_COLUMNS,
        files: [0, 2, 5].map((firstSymbol, i, all) =>
          dailyBarsSql({ ...SMALL, firstSymbol, endSymbol: all[i + 1] ?? SMALL.symbolCount }),
        ),
        rowGroupRows: 2_048,
      });
      await makeDataset({
        dataDir,
        name: "by-day",
        columns: DAILY_COLUMNS,
        files: Array.from({ length: SMALL.dayCount }, (_, day) =>
          dailyBarsSql({ ...SMALL, onlyDayFromEnd: day }),
        ),
      });
      await makeDataset({
        dataDir,
        name: "restated",
        columns: [
          ...DAILY_COLUMNS.slice(0, 2),
          { name: "known_at", type: "timestamp", nullable: false },
          { name: "close", type: "float64", nullable: false },
        ],
        // Known at the close of its day, and restated (halved) five days later.
        files: [
          `SELECT 'A' AS symbol, DATE '2024-01-01' + d::INTEGER AS ts,
             TIMESTAMPTZ '2024-01-01 21:00:00Z' + to_days(d::INTEGER + late) AS known_at,
             (100 + d) / (CASE late WHEN 0 THEN 1 ELSE 2 END)::DOUBLE AS close
           FROM range(10) t(d), (VALUES (0), (5)) v(late)`,
        ],
      });
    },
  });
});
afterAll(() => functions.close());

const invoke = (name: string, request: object = {}) => functions.invoke({ function: name, ...request });

/** Every row of a result as text, by its key. */
function byKey({ symbols, ts, columns }: Rows): Map<string, string> {
  const names = Object.keys(columns).filter((name) => name !== "symbol" && name !== "ts");
  return new Map(
    symbols.map((symbol, i) => [
      `${symbol} ${ts[i]}`,
      names.map((name) => `${name}=${bits(columns[name]![i])}`).join(" "),
    ]),
  );
}

function bits(value: unknown): string {
  if (typeof value !== "number") return String(value);
  return Buffer.from(Float64Array.of(value).buffer).toString("hex");
}

const DAY_2023_12_20 = 19_711;
const DAY_2023_12_27 = 19_718;

describe("from and to choose rows and never change a value:", () => {
  test.each(["rsi-macd", "returns", "mean-of-last", "running-sum", "rank-by-date", "every-type"])(
    "%s has the same bits in any window",
    async (name) => {
      const all = byKey(await invoke(name));
      for (const window of [
        { from: "2023-12-20" },
        { to: "2023-12-27" },
        { from: "2023-12-20", to: "2023-12-27" },
        { from: "2023-12-31" },
      ]) {
        const some = byKey(await invoke(name, window));
        const wanted = [...all].filter(([key]) => {
          const day = Number(key.split(" ")[1]);
          const from = window.from === undefined ? 0 : window.from === "2023-12-31" ? 19_722 : DAY_2023_12_20;
          return day >= from && (window.to === undefined || day < DAY_2023_12_27);
        });
        expect(wanted.length).toBeGreaterThan(0);
        expect([...some]).toEqual(wanted);
      }
    },
  );

  test("a table's rows are cut by its own times", async () => {
    const all = byKey(await invoke("monthly-last", { params: { every: 2 } }));
    const some = byKey(await invoke("monthly-last", { params: { every: 2 }, from: "2023-12-20" }));
    expect([...some]).toEqual([...all].filter(([key]) => Number(key.split(" ")[1]) >= DAY_2023_12_20));
  });

  test("a finite function is given its look-back and no more, a recursive one all from the first bar", async () => {
    const window = { dataset: "restated", from: "2024-01-09" };
    const finite = await functions.parts.invoker.explain({ function: "mean-of-last", ...window });
    expect(finite.stages[0]!.partitions[0]!.units).toEqual({
      symbol: [0],
      firstRow: [4],
      rowCount: [6],
      skip: [4],
      outputRowCount: [2],
      ordinal: [4],
    });
    const recursive = await functions.parts.invoker.explain({ function: "rsi-macd", ...window });
    expect(recursive.stages[0]!.partitions[0]!.units).toMatchObject({
      firstRow: [0],
      rowCount: [10],
      skip: [8],
      outputRowCount: [2],
      ordinal: [0],
    });
  });

  test("an upstream function computes what its reader looks back on, and no more", async () => {
    const { stages } = await functions.parts.invoker.explain({
      function: "every-kind-of-input",
      params: { index: "S000002" },
      symbols: ["S000002"],
      from: "2023-12-31",
    });
    expect(stages.map((stage) => [stage.function, stage.partitions[0]!.units.rowCount])).toEqual([
      // Two bars of look-back of `returns` itself before the two that are wanted.
      ["returns", [4]],
      ["every-kind-of-input", [2]],
    ]);
  });
});

describe("asOf", () => {
  test("leaves out what was not known, and changes no value before it", async () => {
    const all = byKey(await invoke("rsi-macd"));
    const known = byKey(await invoke("rsi-macd", { asOf: "2023-12-26" }));
    expect([...known]).toEqual([...all].filter(([key]) => Number(key.split(" ")[1]) < DAY_2023_12_27));
  });

  test("before a bar's session has closed does not know the bar", async () => {
    const last = async (asOf: string) => Math.max(...(await invoke("returns", { asOf })).ts.map(Number));
    // 16:00 in New York.
    expect(await last("2023-12-26T20:59:59Z")).toBe(DAY_2023_12_27 - 2);
    expect(await last("2023-12-26T21:00:00Z")).toBe(DAY_2023_12_27 - 1);
  });

  test("gives each row as it was last known then, where rows were restated", async () => {
    const closes = async (asOf?: string) =>
      (await invoke("mean-of-last", { dataset: "restated", params: { bars: 1 }, ...(asOf && { asOf }) }))
        .columns["mean"];
    expect(await closes("2024-01-07T21:00:00Z")).toEqual([50, 50.5, 102, 103, 104, 105, 106]);
    expect(await closes("2024-01-07T20:59:59Z")).toEqual([50, 101, 102, 103, 104, 105]);
    expect(await closes()).toEqual(Array.from({ length: 10 }, (_, d) => (100 + d) / 2));
  });

  test("cuts a table over dates, and one over the whole selection", async () => {
    const rows = await invoke("market-by-date", { asOf: "2023-12-26" });
    expect(Math.max(...rows.ts.map(Number))).toBe(DAY_2023_12_27 - 1);
    const { columns, ts, symbols } = await invoke("whole-summary", { asOf: "2023-12-26" });
    const closes = await invoke("closes-again", { asOf: "2023-12-26", from: "2023-12-26" });
    // S000001 has one bar, on the last day of all.
    expect(symbols).toEqual(["S000000", "S000002", "S000003", "S000004"]);
    expect(new Set(ts)).toEqual(new Set([BigInt(DAY_2023_12_27 - 1)]));
    expect(columns["close"]).toEqual(closes.columns["close"]);
    expect(new Set(columns["rows"])).toEqual(new Set([151 - 4 * 6 - 1]));
    expect((await invoke("whole-summary", { asOf: "2020-01-01" })).rowCount).toBe(0);
  });
});

describe("a selection of symbols", () => {
  test("narrows what comes out of a cross-section, not its universe", async () => {
    const all = byKey(await invoke("rank-by-date"));
    const some = byKey(await invoke("rank-by-date", { symbols: ["S000004", "S000001"] }));
    expect([...some]).toEqual([...all].filter(([key]) => /S000001|S000004/.test(key)));
    expect(some.size).toBe(31);
  });

  test("narrows what comes out of a table over dates, not its universe", async () => {
    const all = byKey(await invoke("market-by-date"));
    const some = byKey(await invoke("market-by-date", { symbols: ["S000004", "S000001"] }));
    expect([...some]).toEqual([...all].filter(([key]) => /S000001|S000004/.test(key)));
  });

  test("is the universe of a function over the whole selection", async () => {
    const { columns, symbols } = await invoke("whole-summary", { symbols: ["S000004", "S000001"] });
    expect(symbols).toEqual(["S000001", "S000004"]);
    expect(columns["rows"]).toEqual([31, 31]);
    expect((await invoke("whole-summary")).columns["rows"]).toEqual([151, 151, 151, 151, 151]);
  });

  test.each(["rsi-macd", "rank-by-date", "market-by-date", "monthly-last", "picks-by-date", "whole-summary"])(
    "that is empty gives %s's schema and no rows",
    async (name) => {
      const [all, none] = await Promise.all([invoke(name), invoke(name, { symbols: [] })]);
      expect(none.fields).toEqual(all.fields);
      // Units without symbols are not what is selected: an unkeyed table over dates has all its rows.
      expect(none.rowCount).toBe(name === "picks-by-date" ? all.rowCount : 0);
    },
  );

  test("with one bar gives one row", async () => {
    const rows = await invoke("rsi-macd", { symbols: ["S000001"] });
    expect(rows.columns).toMatchObject({ symbol: ["S000001"], rsi: [null], macd: [null] });
  });
});

describe("the same bits come out", () => {
  test.each(["rsi-macd", "mean-of-last", "rank-by-date", "market-by-date"])(
    "of %s from one file, from files cut by symbol, and from a file a day",
    async (name) => {
      const [one, bySymbol, byDay] = await Promise.all(
        ["one-file", "by-symbol", "by-day"].map((dataset) => invoke(name, { dataset })),
      );
      expect(one!.rowCount).toBeGreaterThan(100);
      expect(Buffer.compare(bySymbol!.bytes, one!.bytes)).toBe(0);
      expect(Buffer.compare(byDay!.bytes, one!.bytes)).toBe(0);
    },
  );

  test("from one process and from several", async () => {
    const request = { function: "rsi-macd", dataset: "large" };
    const plan = await functions.parts.invoker.explain(request);
    expect(plan.stages[0]!.partitions).toHaveLength(2);
    const all = await functions.invoke(request);
    expect(all.rowCount).toBe(plan.outputRowCount);
    const symbols = [...new Set(all.symbols)];
    // A symbol at a time is one process at a time; near the cut between the two is where it would show.
    const cut = plan.stages[0]!.partitions[0]!.units.symbol.length;
    const near = symbols.slice(cut - 2, cut + 2);
    const some = await functions.invoke({ ...request, symbols: near });
    const wanted = [...byKey(all)].filter(([key]) => near.includes(key.split(" ")[0]!));
    expect([...byKey(some)]).toEqual(wanted);
  });

  test("of a function over the whole, on rows and on results that lie in several files", async () => {
    const request = { function: "whole-summary", dataset: "large" };
    const straight = await functions.invoke(request);
    expect(straight.rowCount).toBe(300);
    const inputs = { bars: { function: "closes-again" } };
    const plan = await functions.parts.invoker.explain({ ...request, inputs });
    expect(plan.stages.map((stage) => stage.partitions.length)).toEqual([2, 1]);
    const through = await functions.invoke({ ...request, inputs });
    expect(through.columns).toEqual(straight.columns);
    const some = { ...request, inputs, symbols: ["S000007", "S000200"] };
    expect((await functions.invoke(some)).symbols).toEqual(some.symbols);
  });

  test("unless its output is over the function's own limit, which ends it", async () => {
    functions.write(
      "writes-much/index.ts",
      `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "m", inputs: { bars: { close: float64 } }, outputs: { x: float64 }, limits: { outputMiB: 1 }, handler(_, out) { out.x.fill(1); } });`,
    );
    await expect(functions.invoke({ function: "writes-much", dataset: "large" })).rejects.toMatchObject({
      code: "contract-broken",
      message: expect.stringMatching(/^The function "writes-much" broke its contract: .*1048576 bytes.*$/),
    });
    expect(functions.leftInSpool()).toEqual([]);
  });

  test("of functions on functions from one process and from several", async () => {
    const request = {
      function: "mean-of-last",
      dataset: "large",
      params: { bars: 3 },
      inputs: { bars: { function: "closes-again" } },
    };
    const plan = await functions.parts.invoker.explain(request);
    expect(plan.stages.map((stage) => stage.partitions.length)).toEqual([2, 2]);
    const { inputs: _, ...direct } = request;
    const [through, straight] = [await functions.invoke(request), await functions.invoke(direct)];
    expect(through.columns["mean"]).toEqual(straight.columns["mean"]);
    expect(functions.leftInSpool()).toEqual([]);
  });
});
