import { runFeature } from "quiver/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import crossSection from "../../functions/cross-section/index.ts";
import { DAILY_COLUMNS, makeDataset } from "../support/make-dataset.ts";
import { type OpenedFunctions, openFunctions, type Rows } from "../support/open-functions.ts";
import { largestRelativeDifference, numbersOf, queryColumns, usDailyBars } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";

const OUTPUTS = ["percent_rank", "z_score", "winsorized_z_score", "demeaned"] as const;

const floatsOf = (rows: Rows, name: string) =>
  Float64Array.from(rows.columns[name]!, (cell) => (cell === null ? NaN : Number(cell)));

describe.skipIf(!hasRealData)("cross-section on real daily bars (skipped: ../shared is absent)", () => {
  // Some start late, stop early or stand still for days; one has no sector.
  const SECTORS = {
    tech: ["AAPL", "ACN", "FTNT", "CERC", "PCTY", "NSYS"],
    trade: ["DKS", "CAE", "TK", "USAK", "EXLP", "SBUX"],
    money: ["AMP", "ANCB", "CHMA", "FSFG", "NUW", "VMBS"],
  };
  const symbols = [...Object.values(SECTORS).flat(), "XOM"];
  const facts = Object.entries(SECTORS).flatMap(([sector, all]) =>
    all.map((symbol) => `('${symbol}', '${sector}')`),
  );
  const bars = usDailyBars(symbols);
  let functions: OpenedFunctions;
  beforeAll(async () => {
    functions = await openFunctions({
      async fill(dataDir) {
        await makeDataset({
          dataDir,
          name: "us",
          columns: DAILY_COLUMNS,
          files: [
            `select symbol, date as ts, open::float as open, high::float as high, low::float as low, close::float as close, volume from (${bars})`,
          ],
        });
        await makeDataset({
          dataDir,
          name: "sectors",
          kind: "attributes",
          columns: [
            { name: "symbol", type: "utf8", nullable: false },
            { name: "sector", type: "utf8", nullable: false },
          ],
          files: [`select * from (values ${facts.join(", ")}) t(symbol, sector)`],
        });
      },
    });
  });
  afterAll(() => functions.close());

  /** A second implementation, in window functions over each date; ties are counted, not sorted. */
  const secondImplementation = (value: string, tail: number) => `
    with given as (select *, ${value} as v from (${bars}) window each as (partition by symbol order by row)),
    facts as (select * from (values ${facts.join(", ")}) t(symbol, sector)),
    days as (
      select date, list(v) filter (v is not null) as all_v, avg(v) as mean, stddev_pop(v) as sd,
        quantile_cont(v, ${tail}) as floor, quantile_cont(v, ${1 - tail}) as ceiling from given group by date
    ),
    clipped as (select *, case when v is not null then greatest(least(v, ceiling), floor) end as w from given join days using (date)),
    spread as (select date, avg(w) as w_mean, stddev_pop(w) as w_sd from clipped group by date)
    select c.symbol, c.row,
      case when v is not null then
        (len(list_filter(all_v, lambda x: x < v)) + (len(list_filter(all_v, lambda x: x = v)) + 1) / 2) / len(all_v) end as percent_rank,
      (v - mean) / nullif(sd, 0) as z_score, (w - w_mean) / nullif(w_sd, 0) as winsorized_z_score,
      case when sector is not null then v - avg(v) over (partition by c.date, sector) end as demeaned
    from clipped c join spread s on s.date = c.date left join facts f on f.symbol = c.symbol order by c.symbol, c.row`;

  async function compare(request: object, value: string, tail: number) {
    const [rows, expected] = await Promise.all([
      functions.invoke({ function: "cross-section", dataset: "us", ...request }),
      queryColumns(secondImplementation(value, tail)),
    ]);
    expect(rows.symbols).toEqual(expected["symbol"]);
    expect(new Set(rows.symbols).size).toBe(symbols.length);
    for (const name of OUTPUTS) {
      const ours = floatsOf(rows, name);
      const difference = largestRelativeDifference(ours, numbersOf(expected, name));
      expect([name, difference <= 1e-9, difference]).toEqual([name, true, difference]);
      expect(ours.filter((cell) => !Number.isNaN(cell)).length).toBeGreaterThan(0.7 * rows.rowCount);
    }
  }

  test("is what a second implementation in SQL gives of returns, by sector", () =>
    compare({ params: { attributes: "sectors", tail: 0.05 } }, "close / lag(close) over each - 1", 0.05));

  test("is what a second implementation in SQL gives of a column bound in their place", () =>
    compare(
      { params: { column: "volume", attributes: "sectors" }, inputs: { values: { dataset: "us" } } },
      "volume",
      0.01,
    ));

  test("compares with all symbols, whichever and whenever is asked for, and gives the same bits", async () => {
    const whole = await functions.invoke({ function: "cross-section", dataset: "us" });
    const some = await functions.invoke({
      function: "cross-section",
      dataset: "us",
      symbols: ["XOM", "AMP"],
      from: "2016-03-01",
      to: "2016-06-01",
    });
    expect(some.rowCount).toBeGreaterThan(120);
    const at = new Map(whole.symbols.map((symbol, row) => [`${symbol} ${whole.ts[row]}`, row]));
    for (const name of OUTPUTS) {
      const expected = some.symbols.map(
        (symbol, row) => whole.columns[name]![at.get(`${symbol} ${some.ts[row]}`)!],
      );
      expect(some.columns[name]).toEqual(expected);
    }
  });

  test("takes any function's output", async () => {
    const rows = await functions.invoke({
      function: "cross-section",
      dataset: "us",
      params: { column: "rsi" },
      inputs: { values: { function: "rsi-macd" } },
    });
    const ranks = floatsOf(rows, "percent_rank");
    expect(ranks.filter((rank) => rank === 1).length).toBeGreaterThan(400);
  });
});

describe("cross-section", () => {
  const run = (
    values: (number | null)[],
    params: Record<string, unknown> = {},
    sectors?: (string | null)[],
  ) =>
    runFeature(crossSection, {
      inputs: {
        values: { simple_return: values },
        ...(sectors === undefined ? {} : { facts: { sector: sectors } }),
      },
      symbols: values.map((_, i) => `S${i}`),
      params: { ...params, ...(sectors === undefined ? {} : { attributes: "sectors" }) },
    }).outputs;

  test("by hand: ties share a rank, nulls stay null, groups have their own mean", () => {
    const out = run([1, 3, null, 3, 5], {}, ["a", "a", "a", "b", null]);
    expect([...out.percent_rank]).toEqual([0.25, 0.625, NaN, 0.625, 1]);
    expect([...out.z_score]).toEqual([-2, 0, NaN, 0, 2].map((distance) => distance / Math.sqrt(2)));
    expect([...out.demeaned]).toEqual([-1, 1, NaN, 0, NaN]);
  });

  test("by hand: a tail of a quarter pulls both ends in before the z-score", () => {
    // 0, 4, 8, 20, 68 become 4, 4, 8, 20, 20, whose mean is 11.2; their own is 20.
    const values = [4, 4, 8, 20, 20];
    const mean = 11.2;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 5);
    const out = run([0, 4, 8, 20, 68], { tail: 0.25 });
    values.forEach((value, row) =>
      expect(out.winsorized_z_score[row]).toBeCloseTo((value - mean) / deviation, 14),
    );
    expect([...out.demeaned]).toEqual([-20, -16, -12, 0, 48]);
  });

  test("is defined for one symbol alone, for equal symbols, and for nothing but nulls", () => {
    const one = run([0.02]);
    expect(OUTPUTS.map((name) => one[name][0])).toEqual([1, NaN, NaN, 0]);
    const equal = run([0.1, 0.1, 0.1]);
    expect(OUTPUTS.map((name) => equal[name][1])).toEqual([2 / 3, NaN, NaN, 0]);
    const nulls = run([null, null]);
    expect(OUTPUTS.flatMap((name) => [...nulls[name]]).every(Number.isNaN)).toBe(true);
  });

  test.each([
    [{ tail: 0.5 }, "tail"],
    [{ tail: -0.1 }, "tail"],
    [{ column: "" }, "column"],
  ])("refuses the parameters %j", (params, name) => {
    expect(() => run([1], params)).toThrow(`the parameter "${name}"`);
  });
});
