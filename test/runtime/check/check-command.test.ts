import { cpSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { quiver } from "../../support/run-quiver.ts";

const root = mkdtempSync(join(tmpdir(), "quiver-check-command-"));
const [data, functions] = [join(root, "data"), join(root, "functions")];
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

beforeAll(async () => {
  cpSync(here("../../../functions/returns"), join(functions, "returns"), { recursive: true });
  cpSync(here("../../fixtures/planted/chikou"), join(functions, "chikou"), { recursive: true });
  const bars = dailyBarsSql({ symbolCount: 3, dayCount: 150 });
  await makeDataset({ dataDir: data, name: "mine", columns: DAILY_COLUMNS, files: [bars] });
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const check = (...args: string[]) => quiver(["check", ...args, "--data", data, "--functions", functions]);

test("quiver check samples a dataset, reports its findings and passes a sound function", async () => {
  const { code, out, err } = await check("returns", "--dataset", "mine", "--param", "lag=3");
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out).toMatch(/^returns \(feature\) on \d+ bars of 3 symbols of mine, /);
  expect(out).toContain("look-back 3: the same bits from that many earlier bars");
  expect(out.match(/^ {2}(ok {2}|n\/a )/gm)).toHaveLength(9);
});

test("quiver check exits with 3 and names symbol, row and column if a function looks ahead", async () => {
  const { code, out } = await check("chikou", "--dataset", "mine", "--symbols", "S000002", "--json");
  expect(code).toBe(3);
  const { reports } = JSON.parse(out) as { reports: { passed: boolean; verdicts: object[] }[] };
  expect(reports[0]?.passed).toBe(false);
  expect(reports[0]?.verdicts[0]).toMatchObject({
    check: "event-time",
    outcome: "failed",
    offence: { symbol: "S000002", column: "chikou", expected: "null" },
  });
});

test("quiver check refuses an unknown function and names the nearest one", async () => {
  const { code, err } = await check("retruns");
  expect(code).toBe(2);
  expect(err).toBe(
    'Cannot check the function "retruns": there are chikou, returns. Did you mean "returns"?\n',
  );
});

test("quiver check refuses an unknown dataset", async () => {
  const { code, err } = await check("returns", "--dataset", "yours");
  expect(code).toBe(2);
  expect(err).toMatch(/^Cannot find the dataset "yours": there is mine\. /);
});

test("quiver check refuses symbols without rows in the dataset", async () => {
  const { code, err } = await check("returns", "--dataset", "mine", "--symbols", "NONE");
  expect(code).toBe(2);
  expect(err).toBe('Cannot check on "mine": it has no rows of NONE. Name existing symbols with --symbols.\n');
});
