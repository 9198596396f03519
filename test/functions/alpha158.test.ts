import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import alpha158 from "../../functions/alpha158/index.ts";
import { seededRandom } from "../shared/kernels/series.ts";
import { numbersOf, queryColumns, usDailyBars } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { alpha158Sql, WINDOWS } from "./alpha158-in-sql.ts";

type Bars = Record<"open" | "high" | "low" | "close" | "volume", number[]>;
type Columns = Readonly<Record<string, Float32Array>>;

const run = (bars: Bars, ordinal = 0): Columns => runFeature(alpha158, { inputs: { bars }, ordinal }).outputs;

const GROUPS = (
  "roc ma std beta rsqr resi max min qtlu qtld rank rsv imax imin imxd corr cord cntp cntn cntd sump sumn sumd " +
  "vma vstd wvma vsump vsumn vsumd"
).split(" ");
const CANDLE = "kmid klen kmid2 kup kup2 klow klow2 ksft ksft2 open0 high0 low0 vwap0".split(" ");
const NAMES = [...CANDLE, ...GROUPS.flatMap((group) => WINDOWS.map((window) => `${group}${window}`))];
/** Of changes from bar to bar, which a window has one of less than bars. */
const OF_CHANGES = "roc cord cntp cntn cntd sump sumn sumd wvma vsump vsumn vsumd".split(" ");

/** Real names: liquid; of many days without volume or range; and one with fewer bars than the longest window. */
const SYMBOLS = ["AAPL", "BRDR", "TROVW", "VBFC"];

describe.skipIf(!hasRealData)("alpha158 on real bars (skipped: ../shared is absent)", () => {
  // Outputs have 24 bits, a relative 6e-8; the rest is what the two computations differ by, on a scale of 1.
  test.each(SYMBOLS)(
    "agrees with window functions in SQL to the precision of its outputs: %s",
    async (symbol) => {
      const wanted = await queryColumns(alpha158Sql(usDailyBars([symbol])));
      const bar = (name: string) => [...numbersOf(wanted, name)];
      const outputs = run({
        open: bar("open"),
        high: bar("high"),
        low: bar("low"),
        close: bar("close"),
        volume: bar("volume"),
      });
      expect(Object.keys(outputs)).toEqual(NAMES);
      let compared = 0;
      for (const name of NAMES) {
        const theirs = numbersOf(wanted, name);
        const ours = outputs[name]!;
        expect(ours.length).toBe(theirs.length);
        for (let i = 0; i < theirs.length; i++) {
          const difference = Math.abs(ours[i]! - theirs[i]!);
          if (Number.isNaN(ours[i]!) && Number.isNaN(theirs[i]!)) continue;
          compared++;
          if (difference <= 6.1e-8 * Math.abs(theirs[i]!) + 1e-9) continue;
          expect([name, i, ours[i]]).toEqual([name, i, theirs[i]]);
        }
      }
      expect(compared).toBeGreaterThan(symbol === "BRDR" ? 3_000 : 60_000);
    },
  );
});

/** A seeded market with whole-cent prices (so that extremes tie), days without volume and days without range. */
function market(length: number, seed: number): Bars {
  const random = seededRandom(seed);
  const bars: Bars = { open: [], high: [], low: [], close: [], volume: [] };
  let price = 20;
  for (let i = 0; i < length; i++) {
    const open = price;
    price = Math.max(1, Math.round(100 * price * (0.98 + 0.04 * random())) / 100);
    const isQuiet = random() < 0.05;
    if (isQuiet) price = open;
    bars.open.push(open);
    bars.close.push(price);
    bars.high.push(Math.max(open, price) + (isQuiet ? 0 : 0.05));
    bars.low.push(Math.min(open, price) - (isQuiet ? 0 : 0.05));
    bars.volume.push(isQuiet ? 0 : Math.floor(1e6 * random()));
  }
  return bars;
}

const cut = (bars: Bars, from: number, to: number): Bars => ({
  open: bars.open.slice(from, to),
  high: bars.high.slice(from, to),
  low: bars.low.slice(from, to),
  close: bars.close.slice(from, to),
  volume: bars.volume.slice(from, to),
});

const nullCount = (column: Float32Array) => column.filter(Number.isNaN).length;

describe("alpha158 by hand", () => {
  const bars: Bars = {
    open: [10, 10, 11, 12, 12, 14],
    high: [11, 12, 12, 13, 15, 15],
    low: [9, 10, 10, 11, 12, 13],
    close: [10, 11, 11, 12, 14, 13],
    volume: [100, 200, 100, 300, 300, 100],
  };
  const outputs = run(bars);
  const last = (name: string) => outputs[name]![5]!;

  test("the candle of the last bar", () => {
    const wanted = { kmid: -1 / 14, klen: 2 / 14, kmid2: -0.5, kup: 1 / 14, kup2: 0.5, klow: 0, klow2: 0 };
    for (const [name, value] of Object.entries(wanted))
      expect([name, last(name)]).toEqual([name, expect.closeTo(value, 6)]);
    expect(last("ksft")).toBeCloseTo(-2 / 14, 6);
    expect(last("ksft2")).toBeCloseTo(-1, 6);
    expect([last("open0"), last("high0"), last("low0")]).toEqual(
      [14, 15, 13].map((price) => Math.fround(price / 13)),
    );
    expect(last("vwap0")).toBeCloseTo(41 / 3 / 13, 6);
  });

  test("the last five closes: 11 11 12 14 13", () => {
    const wanted = {
      roc5: 10 / 13,
      ma5: 12.2 / 13,
      std5: Math.sqrt(6.8 / 4) / 13,
      beta5: 0.7 / 13,
      rsqr5: (0.7 * 7) / 6.8,
      resi5: (13 - (12.2 + 0.7 * 2)) / 13,
      max5: 15 / 13,
      min5: 10 / 13,
      qtlu5: 13.2 / 13,
      qtld5: 11 / 13,
      rank5: 4 / 5,
      rsv5: 3 / 5,
    };
    for (const [name, value] of Object.entries(wanted))
      expect([name, last(name)]).toEqual([name, expect.closeTo(value, 6)]);
  });

  test("extremes are placed from the oldest bar, the first of equal ones: highs 12 12 13 15 15, lows 10 10 11 12 13", () => {
    expect(last("imax5")).toBeCloseTo(4 / 5, 6);
    expect(last("imin5")).toBeCloseTo(1 / 5, 6);
    expect(last("imxd5")).toBeCloseTo(3 / 5, 6);
  });

  test("five changes of close (1 0 1 2 -1) and of volume (100 -100 200 0 -200)", () => {
    const wanted = {
      cntp5: 3 / 5,
      cntn5: 1 / 5,
      cntd5: 2 / 5,
      sump5: 4 / 5,
      sumn5: 1 / 5,
      sumd5: 3 / 5,
      vsump5: 300 / 600,
      vsumn5: 300 / 600,
      vsumd5: 0,
      vma5: 200 / 100,
      vstd5: 100 / 100,
    };
    for (const [name, value] of Object.entries(wanted))
      expect([name, last(name)]).toEqual([name, expect.closeTo(value, 6)]);
  });
});

describe("alpha158", () => {
  const bars = market(200, 3);

  test("is null until a window is full, of bars or of changes, and nowhere else where nothing divides by zero", () => {
    const busy = { ...bars, volume: bars.volume.map((volume) => volume + 1) };
    const outputs = run(busy);
    for (const name of NAMES) {
      const group = name.replace(/\d+$/, "");
      const window = GROUPS.includes(group) ? Number(name.slice(group.length)) : 1;
      const wanted = window - (OF_CHANGES.includes(group) ? 0 : 1);
      expect([name, nullCount(outputs[name]!)]).toEqual([name, wanted]);
    }
  });

  test("has the same bits wherever it starts and ends, given the 60 bars before and the ordinal", () => {
    const whole = run(bars);
    for (const [from, to] of [
      [60, 61],
      [61, 130],
      [77, 200],
      [120, 199],
    ] as const) {
      const part = run(cut(bars, from - 60, to), from - 60);
      for (const name of NAMES) {
        expect([name, from, part[name]!.subarray(60)]).toEqual([name, from, whole[name]!.subarray(from, to)]);
      }
    }
  });

  test("a null close leaves null what it is in, until it has left the window", () => {
    const clean = run(bars);
    const close = bars.close.map((price, i) => (i === 100 ? NaN : price));
    const outputs = run({ ...bars, close });
    for (const name of ["ma5", "std20", "rsqr10", "qtlu30", "corr20"]) {
      const window = Number(/\d+/.exec(name)![0]);
      expect([name, nullCount(outputs[name]!.subarray(100, 100 + window))]).toEqual([name, window]);
      expect(
        outputs[name]!.subarray(100 + window).every(
          (value, i) => Math.abs(value - clean[name]![100 + window + i]!) < 1e-6,
        ),
      ).toBe(true);
    }
    expect(nullCount(outputs["sump5"]!.subarray(100, 106))).toBe(6);
    expect(outputs["sump5"]!.subarray(106)).toEqual(clean["sump5"]!.subarray(106));
    expect(outputs["vma5"]).toEqual(clean["vma5"]);
    expect(outputs["max5"]![101]).toEqual(clean["max5"]![101]);
    expect(Number.isNaN(outputs["open0"]![100])).toBe(true);
  });

  test("prices that stand still have no deviation and no line, and no correlation", () => {
    const still = Array.from({ length: 80 }, () => 0.1);
    const volume = still.map((_, i) => 100 + (i % 7));
    const outputs = run({ open: still, high: still, low: still, close: still, volume });
    for (const window of WINDOWS) {
      expect(outputs[`std${window}`]![79]).toBe(0);
      expect(outputs[`beta${window}`]![79]).toBe(0);
      expect(outputs[`ma${window}`]![79]).toBe(1);
      expect(outputs[`rsv${window}`]![79]).toBe(0);
      expect(outputs[`rank${window}`]![79]).toBeCloseTo((window + 1) / 2 / window, 6);
      for (const name of ["rsqr", "corr", "cord"]) expect(nullCount(outputs[`${name}${window}`]!)).toBe(80);
      for (const name of ["cntp", "cntn", "sump", "sumn"]) expect(outputs[`${name}${window}`]![79]).toBe(0);
      expect([outputs[`imax${window}`]![79], outputs[`imxd${window}`]![79]]).toEqual([
        Math.fround(1 / window),
        0,
      ]);
    }
  });

  test("a bar without volume has no following volume ratio", () => {
    const volume = bars.volume.map((_, i) => (i === 100 ? 0 : 1000 + i));
    const { cord5, corr5 } = run({ ...bars, volume });
    expect(nullCount(cord5!.subarray(5))).toBe(5);
    expect(nullCount(cord5!.subarray(101, 106))).toBe(5);
    expect(nullCount(corr5!.subarray(4))).toBe(0);
  });

  test("a series of one bar has its candle and nothing else", () => {
    const outputs = run(cut(bars, 0, 1));
    const present = NAMES.filter((name) => !Number.isNaN(outputs[name]![0]));
    expect(present).toEqual(CANDLE);
  });

  test("takes vwap from a column when asked, and refuses a way it does not know", () => {
    const inputs = { bars: { ...cut(bars, 0, 2), vwap: [10, 11] } };
    const { vwap0 } = runFeature(alpha158, { inputs, params: { vwap: "column" } }).outputs;
    expect([...vwap0]).toEqual([10 / bars.close[0]!, 11 / bars.close[1]!].map(Math.fround));
    expect(() => runFeature(alpha158, { inputs, params: { vwap: "open" } })).toThrow(
      'Cannot use "open" for the parameter "vwap": expected "typical" or "column".',
    );
  });
});
