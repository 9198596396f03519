import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../../../runtime/store/manifest.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";
import { importDataset } from "../../support/real-data.ts";
import { type Bar, barsOf, importOf, writeBars } from "./growing-market.ts";

/** Every shipped function, with what it needs on this market to be published. */
const REQUESTS: Readonly<Record<string, object>> = {
  "adjusted-bars": {},
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

/** Publishes what can be kept of the version before, beside everything anew, and gives how the first was made. */
async function publishBoth(name: string): Promise<readonly [string, string | number]> {
  const request = { function: name, dataset: "market", ...REQUESTS[name] };
  const appended = await functions.publish(request);
  const whole = await functions.publish({ ...request, as: `${name}-whole` }, { recompute: true });
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
    expect(await publishAll()).toEqual(all("whole"));
    await importBars(barsOf(80, 81));
    // CCC has no bar on that day, EEE is suspended.
    expect(await publishAll()).toEqual(all(4));
    await importBars(barsOf(81, 95));
    expect(await publishAll()).toEqual(all(72));
  }, 120_000);
});
