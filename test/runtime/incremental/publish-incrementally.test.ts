import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { dailyBarsSql } from "../../support/make-dataset.ts";
import { dataFile, hasRealData } from "../../support/real-data.ts";
import { SHIPPED_FUNCTIONS } from "../../support/shipped-functions.ts";
import { type GrownData, howMade, openGrownData } from "./grown-data.ts";
import { barsOf } from "./growing-market.ts";

/** Shipped functions, with what they need on a small market of daily bars to be published. */
const REQUESTS: Readonly<Record<string, object>> = {
  "adjusted-bars": {},
  alpha101: {},
  alpha158: {},
  bands: {},
  calendar: {},
  candles: {},
  "cross-section": {},
  "frac-diff": { params: { threshold: 1e-2 } },
  labels: {},
  "market-model": { params: { index: "INDEX", period: 20 } },
  "moving-averages": {},
  oscillators: {},
  "relative-volume": { params: { sessions: 5, bars_per_day: 1 } },
  returns: {},
  "rsi-macd": {},
  trend: {},
  volatility: {},
  "volume-liquidity": {},
};
/**
 * Every function where the suite runs on Bun. On Deno, one for each way to go on from the version before: what a function
 * computes is the same there bit for bit, as shipped-functions.test.ts shows.
 */
const NAMES: readonly string[] =
  runtimeName() === "bun"
    ? Object.keys(REQUESTS)
    : ["adjusted-bars", "alpha101", "labels", "relative-volume", "rsi-macd"];
const LOOKS_AHEAD = ["labels"];

/** Those that take bars within the day, and those of them that can be appended to. */
const INTRADAY = ["resample", "realized-intraday", "relative-volume", "calendar", "rsi-macd", "returns"];
const TABLES = ["resample", "realized-intraday"];

let data: GrownData;
beforeAll(async () => {
  data = await openGrownData();
});
afterAll(() => data.close());

test("publish() after imports is tried with every shipped function but the helpers of others", () => {
  const tried = new Set([...Object.keys(REQUESTS), ...INTRADAY]);
  expect(SHIPPED_FUNCTIONS.filter((name) => !tried.has(name) && !name.startsWith("alpha101-"))).toEqual([]);
});

const publishMarket = (name: string) =>
  data.publish({ function: name, dataset: "market", ...REQUESTS[name] });

/** Publishes all, four at once since most of a small publish is waiting, and gives how they were made. */
async function publishAll(): Promise<Readonly<Record<string, string | number>>> {
  const made: (readonly [string, string | number])[] = [];
  const rest = [...NAMES];
  const worker = async () => {
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) {
      made.push([name, howMade(await publishMarket(name))]);
    }
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return Object.fromEntries(made);
}

/** The same for all functions, but for those that cannot be appended to. */
const all = (how: string | number, others: readonly string[] = LOOKS_AHEAD) =>
  Object.fromEntries(NAMES.map((name) => [name, others.includes(name) ? "whole" : how]));

describe("publish() after an import gives what computing everything gives, for every shipped function", () => {
  test("when a day comes, and then many with a new symbol and one that was suspended", async () => {
    await data.importBars(barsOf(0, 80));
    await Promise.all(
      NAMES.map((name) => data.functions.publish({ function: name, dataset: "market", ...REQUESTS[name] })),
    );
    await data.importBars(barsOf(80, 81));
    // A week is computed again: five days and the new one, of which CCC has five; EEE is suspended.
    expect(await publishAll()).toEqual(all(4 * 6 + 5));
    await data.importBars(barsOf(81, 95));
    // Three of the four weeks since then are settled with this version.
    expect(await publishAll()).toEqual(all(4 * 20 + 17 + 4));
  });

  test("when yesterday's volume, an index of the day before, and a bar of a week ago are restated", async () => {
    const [bar] = barsOf(94, 95, ["AAA"]);
    const [index] = barsOf(93, 94, ["INDEX"]);
    const [earlier] = barsOf(90, 91, ["DDD"]);
    await data.importBars([
      { ...bar!, volume: 77_777 },
      { ...index!, close: index!.close * 1.01 },
      { ...earlier!, close: earlier!.close * 0.99, adjClose: earlier!.close },
      ...barsOf(95, 96),
    ]);
    // CCC has no bar on day 94.
    expect(await publishAll()).toEqual(all(5 * 6 + 5 - 1));
  });

  test("when adjusted closes are restated, which one of them reads", async () => {
    const halved = barsOf(0, 90, ["BBB"]).map((bar) => ({ ...bar, adjClose: bar.close / 2 }));
    await data.importBars(halved);
    expect(await publishAll()).toEqual(all(0, ["adjusted-bars"]));
  });

  test("when a close in the middle is restated, an earlier bar comes late, and a volume is another", async () => {
    const [bar] = barsOf(40, 41, ["AAA"]);
    await data.importBars([{ ...bar!, close: bar!.close * 1.02 }]);
    // A market this small is one segment: what reads the close is computed whole.
    const others = NAMES.filter((name) => name !== "relative-volume");
    expect(await publishAll()).toEqual(all(0, others));
    await data.importBars([{ ...bar!, symbol: "CCC", day: 45 }, ...barsOf(96, 97)]);
    expect(await publishAll()).toEqual(all("whole"));
  });
});

test("publish() of bars within the day gives what computing everything gives", async () => {
  const minutes = (from: number, to: number) => `
    SELECT 'S' || s AS symbol, ((DATE '2024-03-04' + (d // 5 * 7 + d % 5)::INTEGER)::TIMESTAMP
        + INTERVAL 15 HOUR + to_minutes(m))::TIMESTAMPTZ AS ts,
      50 + (hash(s, d, m) % 997) / 100.0 AS close, close * 1.001 AS open, close * 1.01 AS high,
      close * 0.99 AS low, (hash(m, d, s) % 9973)::DOUBLE AS volume
    FROM range(1, 4) s(s), range(${from}, ${to}) d(d), range(0, 40) m(m)
    WHERE hash(s, m, d) % 10 <> 0`;
  const publish = async () => {
    const how: Record<string, unknown> = {};
    for (const name of INTRADAY) {
      const params = name === "relative-volume" ? { sessions: 2, bars_per_day: 40 } : {};
      const manifest = await data.publish({ function: name, dataset: "minutes", params });
      how[name] = manifest.made?.appendedTo === null ? "whole" : "appended";
    }
    return how;
  };
  await data.importRows("minutes", minutes(0, 8));
  await publish();
  const appended = Object.fromEntries(
    INTRADAY.map((name) => [name, TABLES.includes(name) ? "whole" : "appended"]),
  );
  await data.importRows("minutes", minutes(8, 9));
  expect(await publish()).toEqual(appended);
  // A minute of the day before is restated, and more days come than are kept unsettled.
  const restated = `SELECT * REPLACE (close * 1.005 AS close) FROM (${minutes(8, 9)}) WHERE minute(ts) = 17`;
  await data.importRows("minutes", `${restated} UNION ALL ${minutes(9, 14)}`);
  expect(await publish()).toEqual(appended);
});

test("publish() of functions over dates computes late moments, and the earlier ones that they look back to", async () => {
  const history = dailyBarsSql({ symbolCount: 30, dayCount: 900 });
  const later = (days: number, where = "true") =>
    `SELECT symbol, ts + ${days} AS ts, open, high, low, close, volume FROM (${history}) WHERE ts = DATE '2024-01-01' AND ${where}`;
  // Ranks among all symbols, windows over those ranks, and ranks of the windows.
  const request = { function: "alpha101", dataset: "dates", params: { alphas: [2, 31, 39, 88] } };
  const publish = async () => howMade(await data.publish(request));
  await data.importRows("dates", history);
  await publish();
  await data.importRows("dates", later(1));
  const days = 7;
  const late = await publish();
  // One symbol has a single bar, and others have fewer than a week.
  expect(late).toBeGreaterThan(30 * days - 30);
  expect(late).toBeLessThan(30 * (days + 1));
  await data.importRows("dates", later(2, "symbol <> 'S000020'"));
  expect(await publish()).toBe(Number(late) + 29);
  // A bar that comes a day late changes what the others rank among at that moment.
  await data.importRows("dates", later(2, "symbol = 'S000020'"));
  expect(await publish()).toBe(Number(late) + 30);
  // The same of a moment that is settled.
  await data.importRows(
    "dates",
    `SELECT * REPLACE (volume + 1 AS volume) FROM (${history}) WHERE symbol = 'S000029' AND ts = DATE '2023-12-11'`,
  );
  expect(await publish()).toBe("whole");
});

describe.skipIf(!hasRealData)("publish() of us-daily, every observation (needs ../shared/data)", () => {
  const seen = (where: string) =>
    `SELECT * FROM read_parquet('${dataFile("us-daily/observations.parquet")}') WHERE symbol < 'AE' AND ${where}`;
  const FUNCTIONS = ["returns", "rsi-macd", "cross-section", "volume-liquidity", "adjusted-bars"];

  test("appends evenings with volumes, closes and adjusted closes of the day before restated", async () => {
    // Of the days after this one, each restates volumes, the first and the last an adjusted close, one a close.
    await data.importRows("us-daily", seen("seen <= 20160601"));
    for (const name of FUNCTIONS) await data.publish({ function: name, dataset: "us-daily" });
    const how: string[][] = [];
    for (const day of [20160602, 20160603, 20160606]) {
      await data.importRows("us-daily", seen(`seen = ${day}`));
      const made: string[] = [];
      for (const name of FUNCTIONS) {
        const manifest = await data.publish({ function: name, dataset: "us-daily" });
        made.push(manifest.made?.appendedTo === null ? "whole" : "appended");
      }
      how.push(made);
    }
    const each = FUNCTIONS.map(() => "appended");
    expect(how).toEqual([each, each, each]);
  });
});
