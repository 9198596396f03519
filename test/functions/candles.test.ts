import { readFileSync } from "node:fs";
import { runFeature } from "quiver/testing";
import { describe, expect, test } from "vitest";
import candles from "../../functions/candles/index.ts";
import { resolveFunction } from "../../shared/contract/describe.ts";
import {
  candleLookBack,
  type CandlePatternName,
  readCandles,
  candlePattern,
} from "../../shared/kernels/index.ts";
import { candlePatterns } from "../../shared/kernels/candles/candle-pattern.ts";
import { numbersOf, queryColumns } from "../support/query-columns.ts";
import { hasRealData } from "../support/real-data.ts";
import { hasReferenceSeries, referenceField, referenceQuotes } from "../support/reference-series.ts";
import { seededRandom } from "../shared/kernels/series.ts";
import { type Bar, BEFORE, mirror, PANELS } from "./candle-panels.ts";
import { candlesInSql, SQL_PATTERNS } from "./candles-in-sql.ts";

const NAMES = Object.keys(PANELS) as CandlePatternName[];

interface Prices {
  readonly open: ArrayLike<number | null>;
  readonly high: ArrayLike<number | null>;
  readonly low: ArrayLike<number | null>;
  readonly close: ArrayLike<number | null>;
}

const run = (bars: Prices, params: Record<string, unknown> = {}) =>
  runFeature(candles, { inputs: { bars: { ...bars } }, params }).outputs;

const toPrices = (bars: readonly Bar[]): Prices => ({
  open: bars.map((bar) => bar[0]),
  high: bars.map((bar) => bar[1]),
  low: bars.map((bar) => bar[2]),
  close: bars.map((bar) => bar[3]),
});

/** What a pattern says of the last bar. */
const lastOf = (name: CandlePatternName, bars: readonly Bar[], params?: Record<string, unknown>) => {
  const { values, valid } = run(toPrices(bars), params)[name];
  return valid.at(-1) === 1 ? values.at(-1) : null;
};

const column = ({ values, valid }: { values: Int32Array; valid: Uint8Array }) =>
  Array.from(values, (value, row) => (valid[row] === 1 ? value : null));

function randomBars(length: number, seed: number): Bar[] {
  const random = seededRandom(seed);
  let level = 2_000;
  return Array.from({ length }, () => {
    const open = level + Math.round((random() - 0.5) * 20);
    const close = open + Math.round((random() - 0.5) * (random() < 0.3 ? 4 : 60));
    level = close;
    const above = Math.round(random() * (random() < 0.4 ? 3 : 25));
    const below = Math.round(random() * (random() < 0.4 ? 3 : 25));
    return [open, Math.max(open, close) + above, Math.min(open, close) - below, close];
  });
}

describe.each(NAMES)("%s", (name) => {
  const { there, gives, missed } = PANELS[name];

  test("is there in its panel, and not when one price goes too far", () => {
    expect(lastOf(name, [...BEFORE, ...there])).toBe(gives);
    expect(lastOf(name, [...BEFORE, ...missed])).toBe(0);
  });

  test("needs the bars of its look-back, and no more: one of them null is null", () => {
    const bars = [...BEFORE, ...there];
    const lookBack = candleLookBack(name);
    expect(lastOf(name, bars.slice(-lookBack - 1))).toBe(gives);
    expect(lastOf(name, bars.slice(-lookBack))).toBeNull();
    for (const hole of [NaN, Infinity]) {
      for (const back of [0, lookBack]) {
        const holed = bars.map((bar, i): Bar =>
          i === bars.length - 1 - back ? [bar[0], hole, bar[2], bar[3]] : bar,
        );
        expect(lastOf(name, holed)).toBeNull();
      }
      const outside = bars.map((bar, i): Bar =>
        i < bars.length - 1 - lookBack ? [hole, hole, hole, hole] : bar,
      );
      expect(lastOf(name, outside)).toBe(gives);
    }
  });
});

test.each(NAMES.filter((name) => PANELS[name].mirrors))("%s has the other sign upside down", (name) => {
  const { there, gives, missed } = PANELS[name];
  expect(lastOf(name, mirror([...BEFORE, ...there]))).toBe(-gives);
  expect(lastOf(name, mirror([...BEFORE, ...missed]))).toBe(0);
});

describe.skipIf(!hasRealData)("candles on real daily bars (skipped: ../shared is absent)", () => {
  // Large ones, and after them some in which the rare patterns are found.
  const symbols =
    "AAPL SBUX XOM MSFT GE F T KO WMT PFE INTC CSCO SIRI BAC AEC AEL AGD FLL FHK FPA ENJ CFA CAI CMG".split(
      " ",
    );

  test("are bar for bar what a second implementation in SQL gives", async () => {
    const expected = await queryColumns(candlesInSql(symbols));
    const names = Object.keys(SQL_PATTERNS) as CandlePatternName[];
    expect(names.toSorted()).toEqual(NAMES.toSorted());
    const keys = expected["symbol"]!;
    const hits = new Map<string, number>();
    for (const symbol of new Set(keys)) {
      const rows = [keys.indexOf(symbol), keys.lastIndexOf(symbol) + 1] as const;
      const part = (field: string) => numbersOf(expected, field).subarray(...rows);
      const ours = run({ open: part("open"), high: part("high"), low: part("low"), close: part("close") });
      for (const name of names) {
        const theirs = expected[name]!.slice(...rows);
        expect(theirs.length).toBeGreaterThan(90);
        expect([symbol, name, column(ours[name])]).toEqual([symbol, name, theirs]);
        hits.set(
          name,
          (hits.get(name) ?? 0) + theirs.filter((value) => value !== 0 && value !== null).length,
        );
      }
    }
    // A comparison of nothing but zeros would show nothing.
    expect([...hits].filter(([, count]) => count === 0)).toEqual([]);
  });
});

describe.skipIf(!hasReferenceSeries)("candles beside the reference's (skipped: ../shared is absent)", () => {
  test("are other dojis and marubozu than a bar measured against itself, and those are known", () => {
    const { open, high, low, close } = referenceQuotes();
    const ours = run({ open, high, low, close });
    const isThere = (value: number | null) => value !== null && value !== 0;
    const theirs = { doji: referenceField("doji", "match"), marubozu: referenceField("marubozu", "match") };
    // There a doji's body is at most 0.1 % of the open, a marubozu's at least 95 % of its own range.
    const body = close.map((price, i) => Math.abs(price - open[i]!));
    expect(theirs.doji.map(isThere)).toEqual(Array.from(body, (size, i) => size / open[i]! <= 0.001));
    expect(theirs.marubozu.map(isThere)).toEqual(
      Array.from(body, (size, i) => size / (high[i]! - low[i]!) >= 0.95),
    );
    const counts = (name: "doji" | "marubozu") => {
      const mine = column(ours[name]).map(isThere);
      const both = mine.filter((is, i) => is && isThere(theirs[name][i] ?? null));
      return [mine.filter(Boolean).length, theirs[name].filter(isThere).length, both.length];
    };
    expect(counts("doji")).toEqual([76, 112, 66]);
    expect(counts("marubozu")).toEqual([23, 6, 6]);
  });
});

describe("candles", () => {
  test("declare a look-back that holds, with any periods: a series cut that far before gives the same", () => {
    const bars = randomBars(120, 3);
    for (const params of [{}, { period: 3, near_period: 20 }, { period: 1, near_period: 1 }]) {
      const whole = run(toPrices(bars), params);
      const resolution = resolveFunction(candles, params);
      const lookBack = resolution.ok ? resolution.resolved.lookBack! : -1;
      for (const from of [lookBack, 60, 119]) {
        const cut = run(toPrices(bars.slice(from - lookBack)), params);
        for (const name of NAMES) {
          expect(column(cut[name]).slice(lookBack)).toEqual(column(whole[name]).slice(from));
        }
      }
    }
    expect(resolveFunction(candles, {})).toMatchObject({ resolved: { lookBack: 14 } });
  });

  test("give nothing but -100, 0 and 100, and every pattern a sign that its page names", () => {
    const { outputs: all } = runFeature(candles, {
      inputs: { bars: { ...toPrices(randomBars(20_000, 9)) } },
    });
    const page = readFileSync(new URL("../../functions/candles/README.md", import.meta.url), "utf8");
    for (const name of NAMES) {
      const cells = page
        .split("\n")
        .find((line) => line.startsWith(`| \`${name}\``))!
        .split("|");
      const allowed = cells[2]!.split(",").map(Number);
      const given = new Set(all[name].values);
      given.delete(0);
      expect([name, [...given].filter((value) => !allowed.includes(value))]).toEqual([name, []]);
    }
  });

  test("have a page that names every pattern, its look-back and its definition", () => {
    const page = readFileSync(new URL("../../functions/candles/README.md", import.meta.url), "utf8");
    const cellsOf = (line: string) =>
      line.split("|").map((cell) => cell.trim().replaceAll(/ \(0\.[35]\)/g, ""));
    const rows = page.split("\n").filter((line) => /^\| `[a-z_]+` +\| -?100/.test(line));
    expect(rows.map((line) => cellsOf(line)[1])).toEqual(NAMES.map((name) => `\`${name}\``));
    for (const [i, name] of NAMES.entries()) {
      const cells = cellsOf(rows[i]!);
      expect(cells[3]).toBe(String(candlePatterns[name].shapes.length));
      expect(cells[4]).toBe(String(candleLookBack(name)));
      expect(cells[5]).toBe(candlePatterns[name].definition);
    }
  });

  test("take penetrations as parameters", () => {
    const morning = [...BEFORE, ...PANELS.morning_star.missed];
    expect(lastOf("morning_star", morning, { star_penetration: 0.2 })).toBe(100);
    const cloud = [...BEFORE, ...PANELS.dark_cloud_cover.missed];
    expect(lastOf("dark_cloud_cover", cloud, { cloud_penetration: 0.4 })).toBe(-100);
    expect(() => lastOf("doji", morning, { star_penetration: -1 })).toThrow(
      'the parameter "star_penetration": ',
    );
  });

  test("of bars without any range are dojis, and of a series too short null", () => {
    const flat = Array.from({ length: 12 }, (): Bar => [10, 10, 10, 10]);
    const outputs = run(toPrices(flat));
    expect(column(outputs.doji)).toEqual([...Array.from({ length: 10 }, () => null), 100, 100]);
    expect(NAMES.filter((name) => outputs[name].values.some((value) => value !== 0))).toEqual(["doji"]);
    expect(NAMES.map((name) => lastOf(name, [[10, 12, 9, 11]]))).toEqual(NAMES.map(() => null));
    expect(run(toPrices([])).doji.values).toHaveLength(0);
  });
});

describe("candlePattern()", () => {
  const read = (bars: readonly Bar[]) => {
    const { open, high, low, close } = toPrices(bars);
    const array = (prices: ArrayLike<number | null>) => Float64Array.from(prices, (price) => price ?? NaN);
    return readCandles(array(open), array(high), array(low), array(close));
  };

  test("refuses outputs of another length", () => {
    const bars = read(BEFORE);
    expect(() => candlePattern(bars, "doji", new Int32Array(19), new Uint8Array(20))).toThrow(
      "Cannot compute candlePattern doji: out has 19 elements, expected 20, one a candle.",
    );
    expect(() => candlePattern(bars, "doji", new Int32Array(20), new Uint8Array(3))).toThrow(
      "Cannot compute candlePattern doji: valid has 3 elements, expected 20, one a candle.",
    );
  });

  test("reads no candles of no bars before, and refuses columns of different lengths", () => {
    const one = Float64Array.of(1);
    expect(() => readCandles(one, one, one, one, { period: 0 })).toThrow(
      "Cannot compute candles: period is 0, expected a whole number of bars, at least 1.",
    );
    expect(() => readCandles(one, one, Float64Array.of(1, 2), one)).toThrow(
      "Cannot compute candles: low has 2 elements, expected 1 as in the first argument.",
    );
  });
});
