import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";

let root = "";
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-once-"));
  const files = [dailyBarsSql({ symbolCount: 60, dayCount: 10 })];
  await makeDataset({ dataDir: join(root, "data"), name: "demo", columns: DAILY_COLUMNS, files });
  const inputs = { base: "{ close: float64 }", second: 'fromFunction("base", { columns: { x: float64 } })' };
  for (const [name, input] of Object.entries(inputs)) {
    mkdirSync(join(root, "functions", name), { recursive: true });
    writeFileSync(
      join(root, "functions", name, "index.ts"),
      `import { defineFeature, float64, fromFunction } from "quiver";
export default defineFeature({ description: "Prints", inputs: { u: ${input} }, outputs: { x: float64 },
  handler({ u }, out) { console.log("${name} ran"); out.x.set(Object.values(u)[0]); } });\n`,
    );
  }
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

test("publish --all computes once what is published and also read by another", async () => {
  const place = ["--data", join(root, "data"), "--functions", join(root, "functions")];
  const { code, err } = await runCommand(["publish", "--all", "base", "second", ...place]);
  const count = (text: string) => err.split(text).length - 1;
  expect([code, count("base ran"), count("second ran")]).toEqual([0, 60, 60]);
});
