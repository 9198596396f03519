import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import oscillators from "../../functions/oscillators/index.ts";
import { SQL_SYMBOLS, windowedColumnsInSql } from "./oscillators-in-sql.ts";
import { type Bars, cutBars, madeBars, mapBars } from "../shared/kernels/made-bars.ts";
import trend from "../../functions/trend/index.ts";
import { bitsOf, firstValue } from "../shared/kernels/series.ts";
import { expectResumes } from "./expect-resumes.ts";
import { largestRelativeDifference, numbersOf, queryColumns } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { compareWithReference, hasReferenceSeries, referenceQuotes } from "../support/reference-series.ts";

type Column = keyof ReturnType<typeof run>;

const inputsOf = ({ open, high, low, close }: Bars) => ({ bars: { open, high, low, close } });

function run(bars: Bars, params: Record<string, unknown> = {}) {
  return runFeature(oscillators, { inputs: inputsOf(bars), params }).outputs;
}

const SMALL = {
  stoch_period: 5,
  stoch_smooth: 2,
  stoch_signal: 2,
  rsi_period: 4,
  stoch_rsi_period: 5,
  stoch_rsi_smooth: 2,
  stoch_rsi_signal: 3,
  williams_period: 5,
  cci_period: 5,
  roc_period: 3,
  trix_period: 3,
  ultimate_short: 2,
  ultimate_middle: 4,
  ultimate_long: 7,
  cmo_period: 4,
  awesome_fast: 2,
  awesome_slow: 6,
  tsi_long: 5,
  tsi_short: 3,
  tsi_signal: 2,
  dpo_period: 6,
  bop_period: 3,
  chop_period: 4,
  ulcer_period: 4,
  elder_period: 4,
  connors_rsi_period: 3,
  connors_streak_period: 2,
  connors_rank_period: 9,
  ppo_fast: 3,
  ppo_slow: 6,
  ppo_signal: 3,
  pmo_first: 5,
  pmo_second: 3,
  pmo_signal: 2,
  smi_period: 4,
  smi_first: 3,
  smi_second: 2,
  smi_signal: 2,
  fisher_period: 4,
};

describe.skipIf(!hasReferenceSeries)(
  "oscillators on the reference's quotes (skipped: ../shared is absent)",
  () => {
    const outputs = hasReferenceSeries
      ? run(referenceQuotes(), { trix_period: 14, dpo_period: 14 })
      : run(madeBars(1, 1));
    const REFERENCES: readonly (readonly [Column, string, string])[] = [
      ["stoch_k", "stoch", "k"],
      ["stoch_d", "stoch", "d"],
      ["stoch_j", "stoch", "j"],
      ["stoch_rsi", "stoch-rsi", "stochRsi"],
      ["stoch_rsi_signal", "stoch-rsi", "signal"],
      ["williams_r", "willr", "williamsR"],
      ["cci", "cci", "cci"],
      ["roc", "roc", "roc"],
      ["momentum", "roc", "momentum"],
      ["trix", "trix", "trix"],
      ["ultimate", "uo", "ultimate"],
      ["cmo", "cmo", "cmo"],
      ["awesome", "awesome", "oscillator"],
      ["awesome_percent", "awesome", "normalized"],
      ["tsi", "tsi", "tsi"],
      ["tsi_signal", "tsi", "signal"],
      ["bop", "bop", "bop"],
      ["chop", "chop", "chop"],
      ["ulcer", "ulcer", "ulcerIndex"],
      ["bull_power", "elder-ray", "bullPower"],
      ["bear_power", "elder-ray", "bearPower"],
      ["connors_rsi", "crsi", "connorsRsi"],
      ["pmo", "pmo", "pmo"],
      ["pmo_signal", "pmo", "signal"],
      ["smi", "smi", "smi"],
      ["smi_signal", "smi", "signal"],
      ["fisher", "fisher", "fisher"],
    ];

    test.each(REFERENCES)("%s is %s.%s from the same bar on", (series, expectedFile, field) => {
      compareWithReference({
        group: "oscillators",
        series,
        expectedFile,
        field,
        actual: outputs[series],
      });
    });

    test("dpo is dpo, which is stored 8 bars earlier, where it was not yet known", () => {
      const displaced = [...outputs.dpo.subarray(8), ...Array.from({ length: 8 }, () => NaN)];
      compareWithReference({
        group: "oscillators",
        series: "dpo",
        expectedFile: "dpo",
        field: "dpo",
        actual: displaced,
      });
    });
  },
);

describe.skipIf(!hasRealData)("on real daily bars (skipped: ../shared is absent)", () => {
  test("the columns over windows of oscillators and trend are what window functions in SQL give", async () => {
    const columns = await queryColumns(windowedColumnsInSql());
    const symbols = columns["symbol"]!;
    let [flatRows, compared] = [0, 0];
    for (const symbol of SQL_SYMBOLS) {
      const [from, to] = [symbols.indexOf(symbol), symbols.lastIndexOf(symbol) + 1];
      const of = (name: string) => numbersOf(columns, name).subarray(from, to);
      const bars = { open: of("open"), high: of("high"), low: of("low"), close: of("close") };
      expect([symbol, bars.close.length]).toEqual([symbol, 400]);
      const { high, low, close } = bars;
      const ours: Readonly<Record<string, Float64Array>> = {
        ...run(bars),
        ...runFeature(trend, { inputs: { bars: { high, low, close } } }).outputs,
      };
      for (const name of Object.keys(columns).filter((column) => column in ours)) {
        const difference = largestRelativeDifference(ours[name]!, of(name));
        expect([symbol, name, difference < 1e-9, difference]).toEqual([symbol, name, true, difference]);
        compared++;
      }
      flatRows += ours["stoch_k"]!.subarray(15).filter(Number.isNaN).length;
    }
    expect(compared).toBe(20 * SQL_SYMBOLS.length);
    // So that the policy for windows without a range is compared too.
    expect(flatRows).toBeGreaterThan(100);
  });
});

describe("oscillators", () => {
  test("resume bit for bit from the state they saved, nulls or none", () => {
    for (const nullShare of [0, 0.1]) {
      const bars = madeBars(160, 5, nullShare);
      for (const params of [{}, SMALL]) {
        expectResumes(160, [1, 2, 9, 28, 34, 35, 100, 159], (from, to, saved) =>
          runFeature(oscillators, { inputs: inputsOf(cutBars(bars, from, to)), params, ...saved }),
        );
      }
    }
  });

  test("have their ratios unchanged and their prices scaled when prices are adjusted by a factor of two", () => {
    const bars = madeBars(150, 9);
    const plain = run(bars, SMALL);
    const doubled = run(
      mapBars(bars, (value) => value * 2),
      SMALL,
    );
    const prices = ["momentum", "awesome", "dpo", "bull_power", "bear_power"];
    for (const [name, values] of Object.entries(plain)) {
      const expected = prices.includes(name) ? values.map((value) => value * 2) : values;
      expect([name, bitsOf(doubled[name as Column])]).toEqual([name, bitsOf(expected)]);
    }
  });

  const nullRows = (values: Float64Array) => [...values.keys()].filter((row) => Number.isNaN(values[row]));

  test("of one bar have nothing but the first Fisher transform, of none nothing", () => {
    const { fisher, ...others } = run(madeBars(1, 1));
    expect([...fisher]).toEqual([0]);
    for (const [name, values] of Object.entries(others)) expect([name, ...values]).toEqual([name, NaN]);
    for (const values of Object.values(run(madeBars(0, 1)))) expect([...values]).toEqual([]);
  });

  test("with windows longer than the series are null", () => {
    const long = Object.fromEntries(Object.keys(SMALL).map((name) => [name, 500]));
    for (const [name, values] of Object.entries(run(madeBars(40, 2), long))) {
      expect([name, firstValue(values)]).toEqual([name, name === "fisher" ? 0 : 40]);
    }
  });

  test("of a flat series are null where there is no range, else 0 but for rounding", () => {
    const flat = new Float64Array(60).fill(0.1);
    const outputs = run({ open: flat, high: flat, low: flat, close: flat }, SMALL);
    const zeros = new Set(["roc", "momentum", "trix", "awesome", "awesome_percent", "dpo", "bop", "ulcer"]);
    for (const name of [
      "bull_power",
      "bear_power",
      "ppo",
      "ppo_signal",
      "ppo_hist",
      "pmo",
      "pmo_signal",
      "fisher",
    ])
      zeros.add(name);
    for (const [name, values] of Object.entries(outputs)) {
      const last = values.at(-1)!;
      if (zeros.has(name)) expect([name, Math.abs(last) < 1e-12]).toEqual([name, true]);
      else expect([name, last, firstValue(values)]).toEqual([name, NaN, 60]);
    }
  });

  test("are null in every window over a null close; the recursive ones at its bar alone", () => {
    const bars = madeBars(80, 4);
    const plain = run(bars, SMALL);
    const holed = run({ ...bars, close: bars.close.map((value, row) => (row === 50 ? NaN : value)) }, SMALL);
    const from50 = (length: number) => Array.from({ length }, (_, i) => 50 + i);
    const expected: Partial<Record<Column, number[]>> = {
      stoch_k: from50(2),
      stoch_d: from50(3),
      stoch_j: from50(3),
      williams_r: [50],
      cci: from50(5),
      roc: [50, 53],
      momentum: [50, 53],
      ultimate: from50(8),
      cmo: from50(5),
      awesome: [],
      awesome_percent: [],
      dpo: from50(6),
      bop: from50(3),
      chop: [51, 52, 53, 54],
      ulcer: from50(4),
      fisher: [],
    };
    for (const [name, values] of Object.entries(holed)) {
      const before = nullRows(plain[name as Column]);
      const added = nullRows(values).filter((row) => !before.includes(row));
      expect([name, added]).toEqual([name, expected[name as Column] ?? [50]]);
    }
  });

  test("refuse parameters that cannot be", () => {
    expect(() => run(madeBars(3, 1), { stoch_period: 0 })).toThrow(
      'Cannot use 0 for the parameter "stoch_period": expected a whole number from 1 to 10000.',
    );
    expect(() => run(madeBars(3, 1), { chop_period: 1 })).toThrow(
      'Cannot use 1 for the parameter "chop_period": expected a whole number from 2 to 10000.',
    );
  });
});
