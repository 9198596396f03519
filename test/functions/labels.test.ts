import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import labels from "../../functions/labels/index.ts";
import { describeFunction } from "../../shared/contract/describe.ts";
import { largestRelativeDifference, numbersOf, queryColumns, usDailyBars } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { bitsOf, walk } from "../shared/kernels/series.ts";

type Bars = Readonly<Record<"open" | "high" | "low" | "close", ArrayLike<number | null>>>;

const run = (bars: Bars, params: Record<string, unknown> = {}, ordinal = 0) =>
  runFeature(labels, { inputs: { bars }, params, ordinal }).outputs;

const flat = (close: (number | null)[]): Bars => ({ open: close, high: close, low: close, close });

/** Bars around a random walk. */
function randomBars(length: number, seed: number, nullShare = 0): Bars {
  const close = walk(length, seed, nullShare);
  const open = close.map((value, i) => (i === 0 ? value : value * (1 + ((i * 37) % 11) / 1000 - 0.005)));
  return {
    open,
    high: close.map((value, i) => Math.max(value, open[i]!) * 1.004),
    low: close.map((value, i) => Math.min(value, open[i]!) * 0.996),
    close,
  };
}

describe.skipIf(!hasRealData)("labels on real daily bars (skipped: ../shared is absent)", () => {
  const symbols = ["AAPL", "SBUX", "XOM", "ANCB"];
  const OUTPUTS = ["forward_return_1", "forward_return_7", "barrier", "barrier_return", "barrier_bars"];

  /**
   * A second implementation: the path of each trade is a list of bars, and the barrier that is met is looked for in it. The
   * entry at the open sees the bar of the entry, the one at the close does not.
   */
  const secondImplementation = (
    entry: "open" | "close",
    up: number,
    down: number,
    days: number,
    bars: number,
  ) => {
    const late = entry === "open" ? 0 : 1;
    return `
      with bars as (${usDailyBars(symbols)}),
      returns as (select *, close / lag(close) over each - 1 as r from bars window each as (partition by symbol order by row)),
      trades as (
        select *, lead(${entry}, 1) over each as p,
          case when row >= ${days} then stddev_samp(r) over (partition by symbol order by row rows between ${days - 1} preceding and current row) end as s,
          list({o: open, h: high, l: low, c: close}) over (
            partition by symbol order by row rows between ${1 + late} following and ${bars + late} following) as path,
          ${[1, 7].map((h) => `lead(close, ${h + late}) over each / lead(${entry}, 1) over each - 1 as forward_return_${h}`).join(", ")}
        from returns window each as (partition by symbol order by row)
      ),
      walls as (select *, p * (1 + ${up} * s) as top, p * (1 - ${down} * s) as foot from trades),
      met as (
        select *, list_position(list_transform(path, lambda b: b.h >= top or b.o >= top or b.l <= foot or b.o <= foot), true) as n from walls
      ),
      decided as (
        select *, path[n] as b, coalesce(len(path) = ${bars} and s > 0, false) as is_known from met
      )
      select symbol, ${[1, 7].map((h) => `forward_return_${h}`).join(", ")},
        case when not is_known then null when n is null then 0
          when b.o >= top then 1 when b.o <= foot then -1 when b.l <= foot then -1 else 1 end as barrier,
        case when not is_known then null when n is null then path[${bars}].c / p - 1
          when b.o >= top or b.o <= foot then b.o / p - 1 when b.l <= foot then foot / p - 1 else top / p - 1 end as barrier_return,
        case when is_known then coalesce(n, ${bars}) end as barrier_bars
      from decided order by symbol, row`;
  };

  test.each([
    ["the defaults, entered at the open", "open", 1, 1, 20, 10],
    ["entered at the close, with other widths", "close", 2, 1.5, 60, 15],
  ] as const)("are what a second implementation in SQL gives: %s", async (_, entry, up, down, days, bars) => {
    const [given, expected] = await Promise.all([
      queryColumns(usDailyBars(symbols)),
      queryColumns(secondImplementation(entry, up, down, days, bars)),
    ]);
    const params = {
      entry,
      horizons: [1, 7],
      volatility_period: days,
      upper: up,
      lower: down,
      vertical: bars,
    };
    for (const symbol of symbols) {
      const from = given["symbol"]!.indexOf(symbol);
      const to = given["symbol"]!.lastIndexOf(symbol) + 1;
      const column = (name: string) => numbersOf(given, name).subarray(from, to);
      const out = run(
        { open: column("open"), high: column("high"), low: column("low"), close: column("close") },
        params,
      );
      expect(to - from).toBeGreaterThan(500);
      for (const [name, ours] of Object.entries(out)) {
        expect(OUTPUTS).toContain(name);
        const theirs = numbersOf(expected, name).subarray(from, to);
        expect([name, largestRelativeDifference(ours, theirs) <= 1e-9]).toEqual([name, true]);
      }
      expect(new Set(out.barrier)).toEqual(new Set([NaN, -1, 0, 1]));
    }
  });
});

describe("labels", () => {
  test("are labels, so that no feature can read them", () => {
    expect(describeFunction(labels)).toMatchObject({ kind: "label", partition: "symbol" });
  });

  test("by hand: entered at the next open and left at a close", () => {
    const bars = {
      open: [1, 10, 20, 40],
      high: [1, 15, 25, 50],
      low: [1, 10, 20, 40],
      close: [1, 15, 25, 50],
    };
    const { forward_return_1: one, forward_return_2: two } = run(bars, { horizons: [1, 2] });
    expect([...one!]).toEqual([0.5, 0.25, 0.25, NaN]);
    expect([...two!]).toEqual([1.5, 1.5, NaN, NaN]);
  });

  test("by hand: entered at the next close, a bar later at both ends", () => {
    const { forward_return_1: one } = run(flat([1, 2, 4, 10]), { horizons: [1], entry: "close" });
    expect([...one!]).toEqual([1, 1.5, NaN, NaN]);
  });

  test("by hand: barriers two volatilities wide around the next open", () => {
    // Returns 0.1, -0.1: their sample deviation is sqrt(0.02).
    const close = [100, 110, 99, 99, 99, 200];
    const { barrier, barrier_return, barrier_bars } = run(flat(close), {
      volatility_period: 2,
      upper: 2,
      lower: 2,
      vertical: 3,
    });
    expect([...barrier]).toEqual([NaN, NaN, 1, NaN, NaN, NaN]);
    expect(barrier_return[2]).toBe(200 / 99 - 1);
    expect(barrier_bars[2]).toBe(3);
  });

  test("look ahead: a value changes with the bars after it, and with none before its volatility", () => {
    const close = [...walk(60, 4)];
    const whole = run(flat(close));
    const later = run(flat(close.map((value, row) => (row > 30 ? value * 1.5 : value))));
    expect(later.forward_return_5![28]).not.toBe(whole.forward_return_5![28]);
    expect(later.barrier_return[28]).not.toBe(whole.barrier_return[28]);
    const earlier = run(flat(close.map((value, row) => (row < 20 ? value * 1.5 : value))));
    expect(bitsOf(earlier.barrier_return.subarray(40))).toEqual(bitsOf(whole.barrier_return.subarray(40)));
  });

  test("have the same bits from a series that begins as far before as the look-back says", () => {
    const bars = randomBars(160, 7, 0.01);
    const params = { volatility_period: 12, vertical: 6, horizons: [1, 4] };
    const whole = run(bars, params);
    for (const first of [20, 33, 71]) {
      const cut = Object.fromEntries(
        Object.entries(bars).map(([name, values]) => [name, Array.from(values).slice(first - 12)]),
      ) as unknown as Bars;
      const late = run(cut, params, first - 12);
      for (const [name, values] of Object.entries(late)) {
        const expected = Object.entries(whole).find(([other]) => other === name)![1];
        expect([name, bitsOf(values.subarray(12))]).toEqual([name, bitsOf(expected.subarray(first))]);
      }
    }
  });

  test("are null where prices do not move, for one row, and for fewer rows than a horizon", () => {
    const still = run(flat(Array.from({ length: 40 }, () => 5)));
    expect([...still.barrier].every(Number.isNaN)).toBe(true);
    expect([...still.forward_return_1!.subarray(0, 39)].every((value) => value === 0)).toBe(true);
    for (const rows of [1, 4]) {
      const out = run(flat(Array.from({ length: rows }, (_, i) => i + 1)), { horizons: [5] });
      expect(
        Object.values(out)
          .flatMap((values) => [...values])
          .every(Number.isNaN),
      ).toBe(true);
    }
  });

  test("are null beside a null, and only there", () => {
    const close = [...walk(30, 9)];
    const holed = close.map((value, row) => (row === 10 ? null : value));
    const whole = run(flat(close), { horizons: [2], volatility_period: 3, vertical: 2 });
    const out = run(flat(holed), { horizons: [2], volatility_period: 3, vertical: 2 });
    const changed = [...out.forward_return_2!].flatMap((value, row) =>
      Object.is(value, whole.forward_return_2![row]) ? [] : [row],
    );
    // Left at the null close, or entered at the null open.
    expect(changed).toEqual([8, 9]);
    expect([...out.barrier].slice(10, 14).every(Number.isNaN)).toBe(true);
    expect(out.barrier[14]).toBe(whole.barrier[14]);
  });

  test.each([
    [{ horizons: [] }, "horizons", "expected a list of 1 to 64 values, each a whole number from 1 to 10000"],
    [{ horizons: [3, 3] }, "horizons", "expected each horizon once"],
    [{ entry: "high" }, "entry", 'expected "open" or "close"'],
    [{ volatility_period: 1 }, "volatility_period", "expected a whole number from 2 to 10000"],
    [{ upper: -1 }, "upper", "expected a number from 0 to 1000"],
  ])("refuse the parameters %j", (params, name, message) => {
    const given = JSON.stringify(Object.values(params)[0]);
    expect(() => run(flat([1, 2]), params)).toThrow(
      `Cannot use ${given} for the parameter "${name}": ${message}.`,
    );
  });
});
