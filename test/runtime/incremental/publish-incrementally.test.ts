import { appendFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { InvokeOptions } from "../../../runtime/invoke/invocation.ts";
import type { Manifest } from "../../../runtime/store/manifest.ts";
import { dailyBarsSql } from "../../support/make-dataset.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";
import { queryRows } from "../../support/open-loading.ts";
import { dataFile, hasRealData, importDataset } from "../../support/real-data.ts";
import { type Bar, barsOf, importOf, writeBars } from "./growing-market.ts";

/** Every shipped function, with what it needs on this market to be published. */
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

let dir: string;
let functions: OpenedFunctions;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "quiver-append-"));
  mkdirSync(join(dir, "data"));
  functions = await openFunctions({ dataDir: join(dir, "data") });
}, 60_000);
afterAll(async () => {
  await functions.close();
  rmSync(dir, { recursive: true, force: true });
});

let imports = 0;
async function importBars(bars: readonly Bar[]): Promise<void> {
  await importDataset(functions, importOf(writeBars(dir, `bars-${imports++}.csv`, bars)));
}

const NAMES = Object.keys(REQUESTS);
const LOOKS_AHEAD_OR_BACK_WITHOUT_END = ["adjusted-bars", "labels"];

const publishMarket = (name: string, more: { as?: string } = {}, options: InvokeOptions = {}) =>
  functions.publish({ function: name, dataset: "market", ...REQUESTS[name], ...more }, options);

/** Publishes what can be kept of the version before, beside everything anew, and gives how the first was made. */
async function publishBoth(name: string): Promise<readonly [string, string | number]> {
  const appended = await publishMarket(name);
  const whole = await publishMarket(name, { as: `${name}-whole` }, { recompute: true });
  expect(appended.created, name).toBe(true);
  expect(whole.manifest.made?.appendedTo, name).toBeNull();
  expect(contentOf(appended.manifest), name).toEqual(contentOf(whole.manifest));
  const { made } = appended.manifest;
  return [name, made?.appendedTo === null ? "whole" : (made?.rowsComputed ?? -1)];
}

const contentOf = ({ rowChecksum, rowCount, firstTs, lastTs, schema, tsType }: Manifest) => ({
  rowChecksum,
  rowCount,
  firstTs,
  lastTs,
  schema,
  tsType,
});

/** Four at once: most of a small publish is waiting. */
async function publishAll(): Promise<Readonly<Record<string, string | number>>> {
  const made: (readonly [string, string | number])[] = [];
  const rest = [...NAMES];
  const worker = async () => {
    for (let name = rest.shift(); name !== undefined; name = rest.shift()) made.push(await publishBoth(name));
  };
  await Promise.all([worker(), worker(), worker(), worker()]);
  return Object.fromEntries(made);
}

/** The same for all functions, but for those that cannot be appended to. */
const all = (how: string | number, others: readonly string[] = LOOKS_AHEAD_OR_BACK_WITHOUT_END) =>
  Object.fromEntries(NAMES.map((name) => [name, others.includes(name) ? "whole" : how]));

describe("publish() after an import gives what computing everything gives, for every shipped function", () => {
  test("when a day comes, and then many with a new symbol and one that was suspended", async () => {
    await importBars(barsOf(0, 80));
    await Promise.all(NAMES.map((name) => publishMarket(name)));
    await importBars(barsOf(80, 81));
    // CCC has no bar on that day, EEE is suspended.
    expect(await publishAll()).toEqual(all(4));
    await importBars(barsOf(81, 95));
    expect(await publishAll()).toEqual(all(72));
  }, 120_000);

  test("when an adjusted close is restated, which one of them reads", async () => {
    const halved = barsOf(0, 95, ["BBB"]).map((bar) => ({ ...bar, adjClose: bar.close / 2 }));
    await importBars(halved);
    expect(await publishAll()).toEqual(all(0, ["adjusted-bars"]));
  }, 60_000);

  test("when a close in the middle is restated, an earlier bar comes late, and a volume is another", async () => {
    const [bar] = barsOf(40, 41, ["AAA"]);
    await importBars([{ ...bar!, close: bar!.close * 1.02 }]);
    // A market this small is one segment: what reads the close is computed whole.
    const others = NAMES.filter((name) => name !== "relative-volume");
    expect(await publishAll()).toEqual(all(0, others));
    await importBars([{ ...bar!, symbol: "CCC", day: 45 }, ...barsOf(95, 96)]);
    expect(await publishAll()).toEqual(all("whole"));
  }, 60_000);
});

/** Writes the rows of a query as Parquet and imports them. */
async function importRows(dataset: string, sql: string): Promise<void> {
  const path = join(dir, `rows-${imports++}.parquet`);
  await queryRows(`COPY (${sql}) TO '${path}' (FORMAT parquet)`);
  await importDataset(functions, { dataset, files: [path], calendar: "us-equities" });
}

/** The version that is made of the one before, after a check that it holds what computing everything gives. */
async function publishChecked(
  name: string,
  dataset: string,
  params: Readonly<Record<string, unknown>> = {},
): Promise<Manifest> {
  const request = { function: name, dataset, params };
  const appended = await functions.publish(request);
  const whole = await functions.publish({ ...request, as: `${name}-whole` }, { recompute: true });
  expect(contentOf(appended.manifest), name).toEqual(contentOf(whole.manifest));
  return appended.manifest;
}

const laterOf =
  (history: string) =>
  (days: number, where = "true") =>
    `SELECT symbol, ts + ${days} AS ts, open, high, low, close, volume FROM (${history}) WHERE ts = DATE '2024-01-01' AND ${where}`;

test("publish() of functions over dates computes new moments, and the earlier ones that they look back to", async () => {
  const history = dailyBarsSql({ symbolCount: 30, dayCount: 900 });
  const later = laterOf(history);
  // Ranks among all symbols, windows over those ranks, and ranks of the windows.
  const params = { alphas: [2, 31, 39, 88] };
  await importRows("dates", history);
  await publishChecked("alpha101", "dates", params);
  await importRows("dates", later(1));
  const { rowsComputed, symbolsRecomputed } = (await publishChecked("alpha101", "dates", params)).made!;
  expect([rowsComputed, symbolsRecomputed]).toEqual([30, 0]);
  await importRows("dates", later(2, "symbol <> 'S000020'"));
  expect((await publishChecked("alpha101", "dates", params)).made?.rowsComputed).toBe(29);
  // A bar that comes late changes what the others rank among: everything is computed anew.
  await importRows("dates", later(2, "symbol = 'S000020'"));
  expect((await publishChecked("alpha101", "dates", params)).made?.appendedTo).toBeNull();
}, 60_000);

describe.skipIf(!hasRealData)("publish() of us-daily, every observation (needs ../shared/data)", () => {
  const seen = (where: string) =>
    `SELECT * FROM read_parquet('${dataFile("us-daily/observations.parquet")}') WHERE symbol < 'AE' AND ${where}`;
  const FUNCTIONS = ["returns", "rsi-macd", "cross-section", "volume-liquidity", "adjusted-bars"];

  test("appends a day to what its restatements leave alone, and equals computing everything", async () => {
    await importRows("us-daily", seen("seen <= 20160601"));
    for (const name of FUNCTIONS) await publishChecked(name, "us-daily");
    const days = (await queryRows(
      `SELECT DISTINCT seen FROM (${seen("seen > 20160601")}) ORDER BY 1 LIMIT 3`,
    )) as number[][];
    const how: string[][] = [];
    for (const [day] of days) {
      await importRows("us-daily", seen(`seen = ${day}`));
      const made: string[] = [];
      for (const name of FUNCTIONS) {
        const { made: making } = await publishChecked(name, "us-daily");
        made.push(making?.appendedTo === null ? "whole" : "appended");
      }
      how.push(made);
    }
    // Volumes of the day before are restated every day, and so small a market is one segment.
    expect(how).toEqual(days.map(() => ["appended", "appended", "appended", "whole", "whole"]));
  }, 120_000);
});

describe("publish() of a version in segments", () => {
  const publish = (name: string) => publishChecked(name, "large");
  const history = dailyBarsSql({ symbolCount: 300, dayCount: 2_300 });
  const later = laterOf(history);

  test("refers to what stays, computes segments of restated symbols whole, and appends to the others", async () => {
    await importRows("large", history);
    const first = await publish("rsi-macd");
    expect(first.parts.map(({ path }) => path)).toEqual(["part-00000.parquet", "part-00001.parquet"]);
    const [front] = first.parts;
    await importRows("large", later(1));
    const second = await publish("rsi-macd");
    expect(second.made).toEqual({
      appendedTo: first.version,
      rowsComputed: 300,
      symbolsRecomputed: 0,
      partsReferenced: 2,
    });
    expect(second.parts.map(({ path, rowCount }) => [path, rowCount])).toEqual([
      [`../${first.version}/part-00000.parquet`, front!.rowCount],
      ["part-00000.parquet", expect.any(Number)],
      [`../${first.version}/part-00001.parquet`, first.parts[1]!.rowCount],
      ["part-00001.parquet", expect.any(Number)],
    ]);
    // The close of one bar of the last symbol, a week before the end, and a day more of some.
    await importRows(
      "large",
      `SELECT * REPLACE (close * 1.001::FLOAT AS close) FROM (${history}) WHERE symbol = 'S000299' AND ts = DATE '2023-12-25'`,
    );
    await importRows("large", later(2, "symbol < 'S000010'"));
    const third = await publish("rsi-macd");
    const inSecond = third.parts.filter(({ firstSymbol }) => firstSymbol > front!.lastSymbol);
    expect(inSecond.map(({ path }) => path)).toEqual(["part-00001.parquet"]);
    expect(third.made).toMatchObject({
      appendedTo: second.version,
      symbolsRecomputed: 300 - Number(front!.lastSymbol.slice(1)) - 1,
      partsReferenced: 2,
    });
    expect(third.made?.rowsComputed).toBe(10 + inSecond[0]!.rowCount);
    // Every row is in the files once, wherever they lie.
    const files = third.parts.map(({ path }) =>
      join(dir, "data", "large", "features", "rsi-macd", third.version, path),
    );
    const [[rows, keys]] = (await queryRows(
      `SELECT count(*)::DOUBLE, count(DISTINCT (symbol, ts))::DOUBLE FROM read_parquet([${files.map((file) => `'${file}'`).join(", ")}])`,
    )) as [[number, number]];
    expect([rows, keys]).toEqual([third.rowCount, third.rowCount]);
  }, 60_000);

  test("computes everything when a file it would refer to is gone, and when its resume file was changed", async () => {
    const { manifest } = await functions.publish({ function: "returns", dataset: "large" });
    const versionDir = join(dir, "data", "large", "features", "returns", manifest.version);
    appendFileSync(join(versionDir, "resume.bin"), "x");
    await importRows("large", later(4));
    const second = await publish("returns");
    expect(second.made).toMatchObject({ appendedTo: null, partsReferenced: 0 });
    rmSync(join(versionDir, "..", second.version, "part-00001.parquet"));
    await importRows("large", later(5));
    expect((await publish("returns")).made).toMatchObject({ appendedTo: null, partsReferenced: 0 });
    await importRows("large", later(6));
    expect((await publish("returns")).made).toMatchObject({ rowsComputed: 300, partsReferenced: 2 });
  }, 60_000);

  test("keeps the old version when a process that appends dies, and goes on from it when it is mended", async () => {
    const source = (limit: number) => `import { defineFeature, float64 } from "quiver";
      export default defineFeature({
        description: "the sum of closes so far",
        inputs: { bars: { close: float64 } },
        outputs: { total: float64 },
        memory: { stateLength: 1 },
        handler({ bars }, out, { state, ordinal }) {
          if (ordinal > ${limit}) process.exit(3);
          for (let i = 0; i < bars.close.length; i++) out.total[i] = state[0] += bars.close[i];
        },
      });`;
    functions.write("fragile/index.ts", source(0));
    const first = await functions.publish({ function: "fragile", dataset: "large" });
    await importRows("large", later(7));
    const failing = functions.publish({ function: "fragile", dataset: "large" });
    await expect(failing).rejects.toThrow(/exited|ended|exit/);
    const setDir = join(dir, "data", "large", "features", "fragile");
    expect(JSON.parse(readFileSync(join(setDir, "current.json"), "utf8"))).toEqual({
      version: first.manifest.version,
    });
    expect(readdirSync(join(setDir, ".staging"))).toEqual([]);
    // Other code computes everything anew, however little it differs.
    functions.write("fragile/index.ts", source(1e9));
    expect((await publish("fragile")).made?.appendedTo).toBeNull();
    await importRows("large", later(8));
    expect((await publish("fragile")).made?.rowsComputed).toBe(300);
  }, 60_000);
});
