import { runFeature } from "quiver/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import marketModel from "../../functions/market-model/index.ts";
import { DAILY_COLUMNS, makeDataset } from "../support/make-dataset.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../support/open-functions.ts";
import { largestRelativeDifference, numbersOf, queryColumns, usDailyBars } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { bitsOf, seededRandom, walk } from "../shared/kernels/series.ts";

const OUTPUTS = ["beta", "correlation", "idiosyncratic_volatility"] as const;

const run = (
  close: ArrayLike<number | null>,
  market: ArrayLike<number | null>,
  params: Record<string, unknown> = {},
  ordinal = 0,
) =>
  runFeature(marketModel, { inputs: { bars: { close }, market: { close: market } }, params, ordinal })
    .outputs;

describe.skipIf(!hasRealData)("market-model on real daily bars (skipped: ../shared is absent)", () => {
  // With gaps of their own, a late start and days without a change.
  const symbols = ["AAPL", "ANCB", "CHMA", "NZH", "QQQ", "XOM"];
  const bars = usDailyBars(symbols);
  let functions: OpenedFunctions;
  beforeAll(async () => {
    functions = await openFunctions({
      fill: (dataDir) =>
        makeDataset({
          dataDir,
          name: "us",
          columns: DAILY_COLUMNS,
          files: [
            `select symbol, date as ts, open::float as open, high::float as high, low::float as low, close::float as close, volume from (${bars})`,
          ],
        }),
    });
  });
  afterAll(() => functions.close());

  /** A second implementation: the regression functions of SQL over the pairs of returns, matched by a join on the date. */
  const secondImplementation = (period: number) => `
    with bars as (${bars}),
    pairs as (
      select b.*, b.close / lag(b.close) over each - 1 as r, m.close / lag(m.close) over each - 1 as m
      from bars b left join bars m on m.symbol = 'QQQ' and m.date = b.date window each as (partition by b.symbol order by b.row)
    )
    select symbol, row,
      case when count(r + m) over pane = ${period} then regr_slope(r, m) over pane end as beta,
      case when count(r + m) over pane = ${period} then corr(r, m) over pane end as correlation,
      case when count(r + m) over pane = ${period} then
        sqrt(greatest(regr_syy(r, m) over pane - (regr_slope(r, m) over pane) * (regr_sxy(r, m) over pane), 0) / ${period - 2})
        end as idiosyncratic_volatility
    from pairs window pane as (partition by symbol order by row rows between ${period - 1} preceding and current row)
    order by symbol, row`;

  const floatsOf = (rows: Rows, name: string) =>
    Float64Array.from(rows.columns[name]!, (cell) => (cell === null ? NaN : Number(cell)));

  test.each([60, 20])("is what a second implementation in SQL gives, over %i returns", async (period) => {
    const [rows, expected] = await Promise.all([
      functions.invoke({ function: "market-model", dataset: "us", params: { index: "QQQ", period } }),
      queryColumns(secondImplementation(period)),
    ]);
    expect(rows.symbols).toEqual(expected["symbol"]);
    // The index against itself has no residual; what SQL gives there is its rounding.
    const isOther = rows.symbols.map((symbol) => symbol !== "QQQ");
    for (const name of OUTPUTS) {
      const ours = floatsOf(rows, name).filter((_, row) => isOther[row]);
      const theirs = numbersOf(expected, name).filter((_, row) => isOther[row]);
      const difference = largestRelativeDifference(ours, theirs);
      expect([name, difference <= 1e-9, difference]).toEqual([name, true, difference]);
      expect(ours.filter((cell) => !Number.isNaN(cell)).length).toBeGreaterThan(1500);
    }
    const itself = OUTPUTS.map((name) => floatsOf(rows, name).filter((_, row) => !isOther[row]));
    expect(itself[0]!.filter((beta) => Math.abs(beta - 1) < 1e-12).length).toBe(512 - period);
    expect(new Set(itself[2])).toEqual(new Set([NaN, 0]));
  });

  test("gives the same bits from any time on and for any symbols", async () => {
    const request = { function: "market-model", dataset: "us", params: { index: "QQQ" } };
    const whole = await functions.invoke(request);
    const some = await functions.invoke({ ...request, symbols: ["CHMA", "XOM"], from: "2016-09-07" });
    const at = new Map(whole.symbols.map((symbol, row) => [`${symbol} ${whole.ts[row]}`, row]));
    expect(some.rowCount).toBeGreaterThan(250);
    for (const name of OUTPUTS) {
      const expected = some.symbols.map(
        (symbol, row) => whole.columns[name]![at.get(`${symbol} ${some.ts[row]}`)!],
      );
      expect(some.columns[name]).toEqual(expected);
    }
  });

  test("refuses an index that the dataset does not have", async () => {
    await expect(functions.invoke({ function: "market-model", dataset: "us" })).rejects.toThrow(
      'Cannot broadcast "SPY": dataset "us" does not have it. There are "AAPL", "ANCB", "CHMA" and 3 more. It is the parameter "index" of "market-model". Give another with `params.index`.',
    );
  });
});

describe("market-model", () => {
  test("by hand: three returns of a symbol that moves twice as far, and half a step aside", () => {
    // Returns of the market 0.25, -0.2, 0.5; of the symbol 0.5, -0.5, 1.
    const market = [64, 80, 64, 96];
    const close = [100, 150, 75, 150];
    const out = run(close, market, { period: 3 });
    const [m, r] = [
      [0.25, -0.2, 0.5],
      [0.5, -0.5, 1],
    ];
    const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / 3;
    const product = (x: number[], y: number[]) =>
      x.reduce((sum, value, i) => sum + (value - mean(x)) * (y[i]! - mean(y)), 0);
    const beta = product(r!, m!) / product(m!, m!);
    const residuals = r!.map((value, i) => value - mean(r!) - beta * (m![i]! - mean(m!)));
    expect(out.beta[3]).toBeCloseTo(beta, 12);
    expect(out.correlation[3]).toBeCloseTo(
      product(r!, m!) / Math.sqrt(product(r!, r!) * product(m!, m!)),
      12,
    );
    expect(out.idiosyncratic_volatility[3]).toBeCloseTo(Math.sqrt(product(residuals, residuals)), 12);
    for (const name of OUTPUTS) expect([...out[name].subarray(0, 3)]).toEqual([NaN, NaN, NaN]);
  });

  test("of a multiple of the market is that multiple, without a residual", () => {
    const random = seededRandom(3);
    const market = [1];
    const close = [1];
    for (let i = 0; i < 40; i++) {
      const step = Math.round(random() * 64 - 32) / 1024;
      market.push(market[i]! * (1 + step));
      close.push(close[i]! * (1 + 2 * step));
    }
    const out = run(close, market, { period: 20 });
    for (let row = 20; row <= 40; row++) {
      expect(out.beta[row]).toBeCloseTo(2, 9);
      expect(out.correlation[row]).toBeCloseTo(1, 12);
      expect(out.idiosyncratic_volatility[row]).toBeLessThan(1e-8);
    }
  });

  test("is null where the market stands still; a symbol that does has beta 0, no correlation and no residual", () => {
    const moving = [...walk(10, 5)];
    const still = moving.map(() => 0.1);
    const calm = run(moving, still, { period: 4 });
    expect(OUTPUTS.flatMap((name) => [...calm[name]]).every(Number.isNaN)).toBe(true);
    const dead = run(still, moving, { period: 4 });
    expect([...dead.beta.subarray(4)]).toEqual([0, 0, 0, 0, 0, 0]);
    expect([...dead.correlation].every(Number.isNaN)).toBe(true);
    expect([...dead.idiosyncratic_volatility.subarray(4)]).toEqual([0, 0, 0, 0, 0, 0]);
  });

  test("is null while a null is in the window, of either", () => {
    const [close, market] = [[...walk(30, 6)], [...walk(30, 7)]];
    const holed = (values: readonly number[]) => values.map((value, row) => (row === 12 ? null : value));
    for (const out of [run(holed(close), market, { period: 5 }), run(close, holed(market), { period: 5 })]) {
      const nulls = [...out.beta].flatMap((value, row) => (Number.isNaN(value) ? [row] : []));
      // Two returns are null, those to and from the hole.
      expect(nulls).toEqual([0, 1, 2, 3, 4, 12, 13, 14, 15, 16, 17]);
    }
  });

  test("has the same bits from a series that begins as far before as the look-back says", () => {
    const [close, market] = [walk(200, 8, 0.005), walk(200, 9)];
    const whole = run(close, market, { period: 17 });
    for (const first of [18, 40, 101]) {
      const late = run(close.subarray(first - 17), market.subarray(first - 17), { period: 17 }, first - 17);
      for (const name of OUTPUTS)
        expect(bitsOf(late[name].subarray(17))).toEqual(bitsOf(whole[name].subarray(first)));
    }
  });

  test.each([1, 59, 60])("is null on a series of %i rows", (rows) => {
    const out = run(walk(rows, 1), walk(rows, 2));
    expect(OUTPUTS.flatMap((name) => [...out[name]]).every(Number.isNaN)).toBe(true);
  });

  test.each([
    [{ period: 2 }, "period"],
    [{ index: "" }, "index"],
  ])("refuses the parameters %j", (params, name) => {
    expect(() => run([1], [1], params)).toThrow(`the parameter "${name}"`);
  });
});
