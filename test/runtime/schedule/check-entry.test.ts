import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApp, problemOf, type OpenedApp } from "../../support/open-app.ts";

const BROKEN = "export default";

let root = "";
let file = "";
let app: OpenedApp;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-schedule-"));
  file = join(root, "schedule.json");
  app = await openApp({
    bars: { symbolCount: 2, dayCount: 10 },
    functions: { broken: BROKEN },
    settings: { schedule: file },
  });
});
afterAll(async () => {
  await app.close();
  rmSync(root, { recursive: true, force: true });
});

function write(entry: object): void {
  const evening = { name: "evening", cron: "0 18 * * *", dataset: "demo" };
  writeFileSync(file, JSON.stringify({ entries: [{ ...evening, ...entry }] }));
}

// Such entries were listed as fine, and failed every evening.
describe("a schedule is refused whose entry", () => {
  test.each([
    [
      "gives a parameter that its function does not have",
      { function: "rsi-macd", params: { perod: 3 } },
      'Cannot find the parameter "perod" of "rsi-macd": it has period, fast, slow, signal, smoothing, seeding. Did you mean "period"?',
      { parameter: "perod" },
    ],
    [
      "binds an input that its function does not have",
      { function: "rsi-macd", inputs: { bar: { dataset: "demo" } } },
      'Cannot bind the input "bar" of "rsi-macd": it has bars. Did you mean "bars"?',
      {},
    ],
    [
      "names a symbol that its dataset does not have",
      { function: "rsi-macd", symbols: ["S000001", "S0001"] },
      'Cannot find the symbol "S0001" in the dataset "demo", which has 2 symbols. Did you mean "S000001"?',
      { symbol: "S0001" },
    ],
    [
      "names such a symbol for many functions",
      { functions: ["rsi-macd"], symbols: ["S0001"] },
      'Cannot find the symbol "S0001" in the dataset "demo", which has 2 symbols. Did you mean "S000001"?',
      { symbol: "S0001" },
    ],
    [
      "asks for knowledge of a time that is none",
      { function: "rsi-macd", asOf: "soon" },
      'Cannot read `asOf` "soon": it is neither a date nor a time. Expected for example "2015-04-08", "2015-04-08T14:30:00Z" or "2015-04-08 09:30" (taken in America/New_York).',
      {},
    ],
  ])("%s", async (_, entry, sentence, facts) => {
    write(entry);
    const refusal = {
      status: 400,
      code: "schedule-invalid",
      detail: `Cannot use the schedule ${file}. The entry "evening" would be refused when it is due: ${sentence}`,
      file,
      entry: "evening",
      ...facts,
    };
    expect(await problemOf(await app.get("/schedule"))).toMatchObject(refusal);
    await expect(app.wired.services.schedule.start()).rejects.toMatchObject({ code: "schedule-invalid" });
  });
});

describe("a schedule is taken whose entry", () => {
  test.each([
    ["is right", { function: "rsi-macd", params: { period: 3 }, symbols: ["S000001"] }],
    ["chooses its symbols by a query", { function: "rsi-macd", symbols: { sql: "SELECT 'later'" } }],
    ["names a function that cannot be loaded at the moment", { function: "broken", params: { x: 1 } }],
    ["names symbols for many functions", { functions: "all", symbols: ["S000001"] }],
  ])("%s", async (_, entry) => {
    write(entry);
    expect(await (await app.get("/schedule")).json()).toMatchObject({ entries: [{ name: "evening" }] });
  });
});
