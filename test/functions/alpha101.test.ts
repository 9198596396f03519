import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { alpha101Numbers } from "../../shared/kernels/index.ts";
import { DAILY_COLUMNS, makeDataset } from "../support/make-dataset.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../support/open-functions.ts";
import { largestRelativeDifference, usDailyBars } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { ALPHA101_SQL } from "./alpha101-in-sql.ts";

/** Chosen by chance: late starts, an early end, days without a trade, a bond fund that hardly moves. */
const SYMBOLS = "ACG ACN AIF AJX AMP ANCB AVXS CAE CERC CHMA DKS ENVA EXLP FTNT NSYS QUAD SNSS VMBS".split(
  " ",
);
const BARS = `select * from (${usDailyBars(SYMBOLS)}) where date < DATE '2016-09-01'`;

const floatsOf = (cells: readonly unknown[]) =>
  Float64Array.from(cells, (cell) => (typeof cell === "number" ? cell : NaN));

describe.skipIf(!hasRealData)("alpha101 on real daily bars (skipped: ../shared is absent)", () => {
  let functions: OpenedFunctions;
  let rows: Rows;
  beforeAll(async () => {
    functions = await openFunctions({
      fill: (dataDir) =>
        makeDataset({
          dataDir,
          name: "us",
          columns: DAILY_COLUMNS,
          files: [
            `select symbol, date as ts, open::float as open, high::float as high, low::float as low,
               close::float as close, volume from (${BARS})`,
          ],
        }),
    });
    rows = await functions.invoke({ function: "alpha101", dataset: "us" });
  });
  afterAll(() => functions.close());

  test("gives every alpha as a second implementation in SQL does", async () => {
    const expected = await alphasInSql(BARS);
    expect(rows.rowCount).toBe(expected.get("symbol")!.length);
    expect(alpha101Numbers).toHaveLength(82);
    const filled: number[] = [];
    for (const number of alpha101Numbers) {
      const ours = floatsOf(rows.columns[`alpha${number}`]!);
      const difference = largestRelativeDifference(ours, floatsOf(expected.get(`alpha${number}`)!));
      expect([number, difference <= 1e-9, difference]).toEqual([number, true, difference]);
      if (ours.filter((value) => !Number.isNaN(value)).length > 50) filled.push(number);
    }
    // Among so few symbols ranks stand still too often for the windows of these.
    expect(alpha101Numbers.filter((number) => !filled.includes(number))).toEqual([92, 96]);
  });

  test("computes the stages that the alphas asked for need, and no more", async () => {
    const stagesOf = async (alphas: readonly number[]) => {
      const plan = await functions.parts.invoker.explain({
        function: "alpha101",
        dataset: "us",
        params: { alphas },
      });
      return plan.stages.map((stage) => `${stage.function ?? "gather"} ${stage.outputs.length}`);
    };
    expect(await stagesOf([101])).toEqual(["alpha101 1"]);
    expect(await stagesOf([33])).toEqual(["alpha101-ranks 1", "gather 1", "alpha101 1"]);
    expect(await stagesOf([3])).toEqual(["alpha101-ranks 2", "gather 2", "alpha101 1"]);
    expect(await stagesOf([50])).toEqual([
      "alpha101-ranks 2",
      "gather 2",
      "alpha101-series 1",
      "gather 1",
      "alpha101-reranks 1",
      "gather 1",
      "alpha101 1",
    ]);
  });

  test("gives the same bits for some alphas of some symbols from some day on", async () => {
    const some = await functions.invoke({
      function: "alpha101",
      dataset: "us",
      params: { alphas: [101, 50, 1, 36, 68] },
      symbols: ["FTNT", "ACN"],
      from: "2016-02-01",
    });
    const at = new Map(rows.symbols.map((symbol, row) => [`${symbol} ${rows.ts[row]}`, row]));
    expect(some.rowCount).toBeGreaterThan(280);
    expect(Object.keys(some.columns)).toEqual([
      "symbol",
      "ts",
      "alpha101",
      "alpha50",
      "alpha1",
      "alpha36",
      "alpha68",
    ]);
    for (const number of [101, 50, 1, 36, 68]) {
      const name = `alpha${number}`;
      const expected = some.symbols.map(
        (symbol, row) => rows.columns[name]![at.get(`${symbol} ${some.ts[row]}`)!],
      );
      expect(some.columns[name]).toEqual(expected);
    }
  });

  test("takes vwap from a column, volume in shares, and bars from a function", async () => {
    const of = async (params: object) => {
      const result = await functions.invoke({
        function: "alpha101",
        dataset: "us",
        params: { alphas: [41, 7], ...params },
      });
      return { 41: floatsOf(result.columns["alpha41"]!), 7: floatsOf(result.columns["alpha7"]!) };
    };
    const [typical, open, shares] = await Promise.all([of({}), of({ vwap: "open" }), of({ adv: "shares" })]);
    const column = async (name: string) => {
      functions.write(
        "as-it-is/index.ts",
        `import { defineFeature, float64, price, volume } from "quiver";
         export default defineFeature({ description: "bars", memory: { lookBack: 0 },
           inputs: { bars: { open: float64, high: float64, low: float64, close: float64, volume: float64 } },
           outputs: { open: price, high: price, low: price, close: price, volume },
           handler({ bars }, out) { for (const name of ["open", "high", "low", "close", "volume"] as const) out[name].set(bars[name]); } });`,
      );
      const bars = await functions.invoke({ function: "as-it-is", dataset: "us" });
      return floatsOf(bars.columns[name]!);
    };
    const [high, low, opening, close] = [
      await column("high"),
      await column("low"),
      await column("open"),
      await column("close"),
    ];
    expect(typical[41]).toEqual(
      high.map((top, i) => Math.sqrt(top * low[i]!) - (top + low[i]! + close[i]!) / 3),
    );
    expect(open[41]).toEqual(high.map((top, i) => Math.sqrt(top * low[i]!) - opening[i]!));
    // In money a day's volume is below its average far more often: -1 stands for "not above".
    const stands = (values: Float64Array) => values.filter((value) => value === -1).length;
    expect(stands(typical[7])).toBeGreaterThan(stands(shares[7]));
    expect(await of({ bars: "as-it-is" })).toEqual(typical);
  });

  test.each([
    [{ alphas: [48] }, "alphas.0"],
    [{ alphas: [1, 1] }, "alphas"],
    [{ alphas: [] }, "alphas"],
    [{ vwap: "no column" }, "vwap"],
    [{ adv: "lots" }, "adv"],
  ])("refuses the parameters %j", async (params, name) => {
    await expect(functions.invoke({ function: "alpha101", dataset: "us", params })).rejects.toThrow(
      `the parameter "${name}"`,
    );
  });

  test("refuses a vwap column that is not there", async () => {
    const request = { function: "alpha101", dataset: "us", params: { alphas: [41], vwap: "vwap" } };
    await expect(functions.invoke(request)).rejects.toThrow(
      'Cannot run "alpha101" on the dataset "us": its input "bars" needs a column "vwap", and the dataset has ' +
        "symbol, ts, open, high, low, close, volume.",
    );
  });
});

describe("alpha101 by hand", () => {
  let functions: OpenedFunctions;
  beforeAll(async () => {
    functions = await openFunctions({
      fill: (dataDir) =>
        makeDataset({
          dataDir,
          name: "panel",
          columns: DAILY_COLUMNS,
          files: [
            `select symbol, DATE '2024-01-01' + day as ts, o::float as open, h::float as high, l::float as low, c::float as close,
               v::double as volume
             from (values ('A', 1, 10, 12, 8, 11, 100), ('B', 1, 20, 22, 19, 19, 50), ('C', 1, 5, 5, 5, 5, 10),
                          ('A', 2, 11, 14, 10, 12, 120), ('B', 2, 19, 21, 18, 20, 40), ('C', 2, 5, 6, 4, 5, 10)) t(symbol, day, o, h, l, c, v)`,
          ],
        }),
    });
  });
  afterAll(() => functions.close());

  /** Values of an alpha on both days of A, then of B, then of C. */
  const alpha = async (number: number) => {
    const rows = await functions.invoke({
      function: "alpha101",
      dataset: "panel",
      params: { alphas: [number] },
    });
    return rows.columns[`alpha${number}`];
  };

  test("12: the change of the close against the volume's direction", async () => {
    expect(await alpha(12)).toEqual([null, -1, null, 1, null, -0]);
  });

  test("20: ranks of the open above yesterday's high, close and low", async () => {
    // Above the high by -1, -3, 0; above the close by 0 each; above the low by 3, 0, 0.
    const [a, b, c] = [-(2 / 3) * (2 / 3), -(1 / 3) * (2 / 3) * 0.5, -1 * (2 / 3) * 0.5];
    expect(await alpha(20)).toEqual([null, a, null, b, null, c]);
  });

  test("33: the rank of open / close - 1", async () => {
    // -1/11, 1/19, 0 on the first day; -1/12, -1/20, 0 on the second.
    expect(await alpha(33)).toEqual([1 / 3, 1 / 3, 1, 2 / 3, 2 / 3, 1]);
  });

  test("42: ranks of vwap less close over ranks of vwap and close", async () => {
    // First day: -2/3, 1, 0 over 21 1/3, 39, 10. Second: 0, -1/3, 0 over 24, 39 2/3, 10.
    const [low, middle, tied] = [1 / 3, 2 / 3, 2.5 / 3];
    expect(await alpha(42)).toEqual([low / middle, tied / middle, 1, low, middle / low, tied / low]);
  });

  test("54: null where high and low are one", async () => {
    const at = (open: number, high: number, low: number, close: number) =>
      (-(low - close) * open ** 5) / ((low - high) * close ** 5);
    const expected = [at(10, 12, 8, 11), at(11, 14, 10, 12), 0, at(19, 21, 18, 20), null, at(5, 6, 4, 5)];
    const given = await alpha(54);
    expected.forEach((value, row) => {
      if (value === null) expect(given![row]).toBeNull();
      else expect(given![row]).toBeCloseTo(value, 14);
    });
  });

  test("101: the body over the range", async () => {
    expect(await alpha(101)).toEqual([1 / 4.001, 1 / 4.001, -1 / 3.001, 1 / 3.001, 0, 0]);
  });

  test("50: null on a panel that is shorter than its windows", async () => {
    expect(await alpha(50)).toEqual([null, null, null, null, null, null]);
  });
});

/** Every alpha by its name, in the order of symbols and days. */
async function alphasInSql(bars: string): Promise<Map<string, readonly unknown[]>> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  try {
    await connection.run(
      `create table bars as select symbol, date as ts, open, high, low, close, volume from (${bars})`,
    );
    for (const step of ALPHA101_SQL) await connection.run(step);
    const reader = await connection.runAndReadAll("select * from alphas order by symbol, ts");
    const columns = reader.getColumnsJS();
    const numbers = (cells: readonly unknown[] = []) =>
      cells.map((cell) => (cell !== null && Number.isFinite(Number(cell)) ? Number(cell) : null));
    return new Map(
      reader
        .columnNames()
        .map((name, i) => [name, name.startsWith("alpha") ? numbers(columns[i]) : columns[i]!]),
    );
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}
