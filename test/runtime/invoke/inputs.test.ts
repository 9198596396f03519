import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../../support/open-functions.ts";
import { filesOf, queryRows } from "../../support/open-loading.ts";

let functions: OpenedFunctions;
let bars: { symbol: string; day: number; close: number }[];
beforeAll(async () => {
  functions = await openFunctions({ fill: makeMarket });
  const { record } = functions.parts.datasets.get("demo");
  const rows = await queryRows(
    `SELECT symbol, ts - DATE '1970-01-01', close::DOUBLE FROM ${filesOf(functions.dataDir, record)} ORDER BY 1, 2`,
  );
  bars = rows.map(([symbol, day, close]) => ({
    symbol: String(symbol),
    day: Number(day),
    close: Number(close),
  }));
});
afterAll(() => functions.close());

const { invoke, refusal } = {
  invoke: (name: string, request: object = {}): Promise<Rows> =>
    functions.invoke({ function: name, ...request }),
  refusal: async (name: string, request: object = {}) => {
    const error: unknown = await functions.invoke({ function: name, ...request }).catch((e: unknown) => e);
    if (!(error instanceof Error)) throw new Error("it was not refused");
    return `${"code" in error ? String(error.code) : ""}: ${error.message}`;
  },
};

describe("a function reads", () => {
  let rows: Rows;
  beforeAll(async () => {
    rows = await invoke("every-kind-of-input", { params: { index: "S000002" } });
  });

  test("its own dataset's columns, in (symbol, ts) order", () => {
    expect(rows.symbols).toEqual(bars.map((bar) => bar.symbol));
    expect(rows.ts.map(Number)).toEqual(bars.map((bar) => bar.day));
    expect(rows.columns["close"]).toEqual(bars.map((bar) => bar.close));
  });

  test("another function's result, row by row", () => {
    const expected = bars.map(({ symbol, close }, i) => {
      const before = bars[i - 2];
      return before?.symbol === symbol ? close / before.close - 1 : null;
    });
    expect(rows.columns["two_day"]).toEqual(expected);
  });

  test("rows of another dataset with the same time, the last known, and the next to come", () => {
    const reports = (symbol: string) => {
      const number = Number(symbol.slice(1));
      // Days of 2023-12-20 and 2023-12-27.
      return number < 4
        ? [
            { day: 19_711, value: number * 100 + 19 },
            { day: 19_718, value: number * 100 + 26 },
          ]
        : [];
    };
    const find = (match: (report: number, bar: number) => boolean, last: boolean) =>
      bars.map(({ symbol, day }) => {
        const found = reports(symbol).filter((report) => match(report.day, day));
        return (last ? found.at(-1) : found[0])?.value ?? null;
      });
    expect(rows.columns["exact"]).toEqual(find((report, bar) => report === bar, true));
    expect(rows.columns["known"]).toEqual(find((report, bar) => report <= bar, true));
    expect(rows.columns["following"]).toEqual(find((report, bar) => report >= bar, false));
    expect(rows.columns["known"]!.filter((value) => value === 226)).toHaveLength(6);
  });

  test("daily rows on minute bars: what was known when the bar was, by the close of the session", async () => {
    const { columns } = await invoke("daily-on-minutes", { dataset: "minutes" });
    // The bar of 15:59 is known at 16:00, as the day's level is.
    expect(columns["known"]).toEqual([1, 1, 2, 2]);
    expect(columns["following"]).toEqual([2, 2, 2, null]);
    const early = await invoke("daily-on-minutes", { dataset: "minutes", asOf: "2024-01-02T20:59:59Z" });
    expect(early.columns["known"]).toEqual([1, 1]);
  });

  test("one symbol's series on every symbol's rows", () => {
    const index = new Map(bars.filter((bar) => bar.symbol === "S000002").map((bar) => [bar.day, bar.close]));
    expect(rows.columns["index"]).toEqual(bars.map((bar) => index.get(bar.day)));
  });

  test("attributes of its symbol, null where there are none", () => {
    const facts: Record<string, [number | null, number | null]> = {
      S000000: [6, 10],
      S000002: [4, null],
      S000003: [1, 30],
    };
    expect(rows.columns["sector"]).toEqual(bars.map((bar) => facts[bar.symbol]?.[0] ?? null));
    expect(rows.columns["lot"]).toEqual(bars.map((bar) => facts[bar.symbol]?.[1] ?? null));
  });

  test("the same for a few symbols and a few days as for all", async () => {
    const some = await invoke("every-kind-of-input", {
      params: { index: "S000002" },
      symbols: ["S000003", "S000000"],
      from: "2023-12-25",
      to: "2023-12-28",
    });
    const wanted = bars.flatMap(({ symbol, day }, i) =>
      ["S000000", "S000003"].includes(symbol) && day >= 19_716 && day < 19_719 ? [i] : [],
    );
    expect(some.rowCount).toBe(6);
    for (const [name, values] of Object.entries(some.columns)) {
      expect([name, values.map(String)]).toEqual([name, wanted.map((i) => String(rows.columns[name]![i]))]);
    }
  });
});

describe("an invocation may bind an input", () => {
  test("to another function, whose result is then computed first", async () => {
    const [direct, through] = await Promise.all([
      invoke("running-sum"),
      invoke("running-sum", { inputs: { bars: { function: "monthly-last", params: { every: 1 } } } }),
    ]);
    expect(through.columns["sum"]).toEqual(direct.columns["sum"]);
  });

  test("to a feature with parameters of its own", async () => {
    const wanted = await invoke("returns", { params: { lag: 2 } });
    const bound = await invoke("every-kind-of-input", {
      params: { index: "S000002" },
      inputs: { returns: { function: "returns", params: { lag: 1 } } },
    });
    const one = await invoke("returns");
    expect(bound.columns["two_day"]).toEqual(one.columns["simple_return"]);
    expect(bound.columns["two_day"]).not.toEqual(wanted.columns["simple_return"]);
  });

  test("to another dataset, whose rows the output then has when it is the first input", async () => {
    const [bound, named] = await Promise.all([
      invoke("running-sum", { inputs: { bars: { dataset: "other" } } }),
      invoke("running-sum", { dataset: "other" }),
    ]);
    expect(bound.rowCount).toBe(11);
    expect(bound.columns).toEqual(named.columns);
  });

  test("that is matched to the rows, and leaves them as they are", async () => {
    const request = { params: { index: "S000002" } };
    const rows = await invoke("every-kind-of-input", request);
    const bound = await invoke("every-kind-of-input", {
      ...request,
      inputs: { facts: { dataset: "sectors" }, known: { dataset: "reports" }, index: { dataset: "demo" } },
    });
    expect(bound.columns).toEqual(rows.columns);
  });

  test("and the columns it then needs are looked for there", async () => {
    expect(
      await refusal("every-kind-of-input", {
        params: { index: "S000002" },
        inputs: { exact: { dataset: "other" } },
      }),
    ).toMatch(
      /^unknown-column: Cannot run "every-kind-of-input" on the dataset "other": its input "exact" needs a column "value"/,
    );
  });
});

describe("a name that is not there is refused:", () => {
  test.each([
    [
      "the function",
      "rsi-macdd",
      {},
      /^unknown-function: Cannot find the function "rsi-macdd": there are adjusted-bars, .*, whole-summary\. Did you mean "rsi-macd"\? "quiver new <name>" makes one\.$/,
    ],
    [
      "the dataset",
      "rsi-macd",
      { dataset: "demos" },
      /^unknown-dataset: Cannot find the dataset "demos": there are demo, levels, minutes, other, reports, sectors\. Did you mean "demo"\? /,
    ],
    [
      "a symbol",
      "rsi-macd",
      { symbols: ["S000002", "S00002"] },
      /^unknown-symbol: Cannot find the symbol "S00002" in the dataset "demo", which has 5 symbols\. Did you mean "S00000\d"/,
    ],
    [
      "a column",
      "adjusted-bars",
      {},
      'unknown-column: Cannot run "adjusted-bars" on the dataset "demo": its input "bars" needs a column "adj_close", ' +
        "and the dataset has symbol, ts, open, high, low, close, volume.",
    ],
    [
      "a parameter",
      "rsi-macd",
      { params: { perod: 3 } },
      'unknown-parameter: Cannot find the parameter "perod" of "rsi-macd": it has period, fast, slow, signal, smoothing, ' +
        'seeding. Did you mean "period"?',
    ],
    [
      "a parameter of a function without any",
      "running-sum",
      { params: { n: 3 } },
      'unknown-parameter: Cannot find the parameter "n" of "running-sum": it has none.',
    ],
    [
      "an input",
      "rsi-macd",
      { inputs: { bar: { dataset: "demo" } } },
      'unknown-input: Cannot bind the input "bar" of "rsi-macd": it has bars. Did you mean "bars"?',
    ],
    [
      "an upstream function",
      "rsi-macd",
      { inputs: { bars: { function: "ajusted-bars" } } },
      /^unknown-function: Cannot find the function "ajusted-bars": .* Did you mean "adjusted-bars"\?/,
    ],
    [
      "an upstream output",
      "rsi-macd",
      { inputs: { bars: { function: "returns" } } },
      'input-invalid: Cannot bind the input "bars" of "rsi-macd" to the function "returns": it has no output "close", ' +
        "only simple_return, log_return.",
    ],
    [
      "a symbol to broadcast",
      "every-kind-of-input",
      { params: { index: "S00000" } },
      /^unknown-symbol: Cannot broadcast "S00000": dataset "demo" does not have it\. Did you mean "S00000\d"( or "S00000\d")*\? It is the parameter "index" of "every-kind-of-input"\. Give another with `params\.index`\.$/,
    ],
    [
      "a symbol to broadcast that is like none",
      "every-kind-of-input",
      { params: { index: "SPY" } },
      'unknown-symbol: Cannot broadcast "SPY": dataset "demo" does not have it. There are "S000000", "S000001", "S000002" and 2 more. It is the parameter "index" of "every-kind-of-input". Give another with `params.index`.',
    ],
  ])("%s", async (_, name, request, message) => {
    if (typeof message === "string") expect(await refusal(name, request)).toBe(message);
    else expect(await refusal(name, request)).toMatch(message);
  });
});

describe("what does not fit is refused:", () => {
  test.each([
    [
      "a parameter of the wrong kind",
      "rsi-macd",
      { params: { period: "14" } },
      'parameter-invalid: Cannot use "14" for the parameter "period" of "rsi-macd": expected a whole number from 2 to 10000.',
    ],
    [
      "a parameter out of range",
      "rsi-macd",
      { params: { period: 1 } },
      'parameter-invalid: Cannot use 1 for the parameter "period" of "rsi-macd": expected a whole number from 2 to 10000.',
    ],
    [
      "functions that are each other's input",
      "cycle-a",
      {},
      'function-cycle: Cannot run "cycle-a": it reads itself, cycle-a → cycle-b → cycle-a. Have one of them read something else.',
    ],
    [
      "bars as attributes",
      "every-kind-of-input",
      { params: { index: "S000002" }, inputs: { facts: { dataset: "reports" } } },
      /^input-invalid: Cannot bind the input "facts" to the dataset "reports": it holds series, expected attributes \(one row per symbol, without times\)\.$/,
    ],
    [
      "attributes as rows",
      "rsi-macd",
      { dataset: "sectors" },
      /^unknown-column: Cannot run "rsi-macd" on the dataset "sectors": its input "bars" needs a column "close"/,
    ],
    [
      "a column with nulls that is declared without",
      "reads-lots",
      {},
      /^column-has-nulls: Cannot read column "lot" of dataset "sectors" as int32 without nulls: \d+ of the rows have no match, or match a null\. Declare it with orNull\(\), or ask for a float64\.$/,
    ],
    [
      "a time before the first",
      "rsi-macd",
      { from: "2024-01-01", to: "2023-01-01" },
      'selection-invalid: Cannot select from "2024-01-01" to "2023-01-01": `from` is after `to`. ' +
        "`from` is inclusive, `to` is exclusive.",
    ],
    ["a time that is none", "rsi-macd", { from: "2023-02-30" }, /^[a-z-]+: .*"2023-02-30".*$/],
    [
      "a table function beside the rows",
      "every-kind-of-input",
      {
        params: { index: "S000002" },
        inputs: { returns: { function: "monthly-last" } },
      },
      /^input-invalid: Cannot bind the input "returns" of "every-kind-of-input" to the function "monthly-last": it has no output "simple_return"/,
    ],
    [
      "a table without times as rows",
      "rsi-macd",
      { inputs: { bars: { function: "picks-by-date" } } },
      'input-invalid: Cannot use the table function "picks-by-date" as an input: it has no column "ts".',
    ],
    [
      "text from function to function",
      "reads-text",
      {},
      'input-invalid: Cannot bind the input "rows" of "reads-text" to the function "market-by-date": its output "leader" is ' +
        "text, which is not handed from function to function. Give it as an int32 code.",
    ],
    [
      "a cut of a table without times",
      "picks-by-date",
      { from: "2023-12-01" },
      'selection-invalid: Cannot cut the result of "picks-by-date" by `from` or `to`: it has no column "ts".',
    ],
  ])("%s", async (_, name, request, message) => {
    if (typeof message === "string") expect(await refusal(name, request)).toBe(message);
    else expect(await refusal(name, request)).toMatch(message);
  });
});
