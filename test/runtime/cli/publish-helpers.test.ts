import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";

let root = "";

function write(name: string, input: string, more: string): void {
  const dir = join(root, "functions", name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(
    join(dir, "index.ts"),
    `import { defineFeature, float64, fromFunction } from "quiver";
export default defineFeature({ description: "${name}", ${more} inputs: { u: ${input} }, outputs: { close: float64 },
  handler({ u }, out) { out.close.set(u.close); } });\n`,
  );
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-helpers-"));
  await makeDataset({
    dataDir: join(root, "data"),
    name: "demo",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 3, dayCount: 20 })],
  });
  const reading = (name: string) => `fromFunction("${name}", { columns: { close: float64 } })`;
  write("first", "{ close: float64 }", "");
  write("step", reading("first"), "helper: true,");
  write("whole", reading("step"), "");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function published(...names: string[]): Promise<unknown> {
  const places = ["--data", join(root, "data"), "--functions", join(root, "functions")];
  const { out } = await runCommand(["publish", "--all", "--json", ...names, ...places]);
  const { functions } = JSON.parse(out) as { functions: readonly { function: string; outcome: string }[] };
  return functions.map((row) => `${row.function} ${row.outcome}`);
}

describe("quiver publish --all and a helper", () => {
  test("leaves it out, and publishes what it reads before what reads it", async () => {
    expect(await published()).toEqual(["first published", "whole published"]);
  });

  test("leaves it out if only a function that reads it is named", async () => {
    expect(await published("whole")).toEqual(["first equal", "whole equal"]);
  });

  test("publishes it if it is named", async () => {
    expect(await published("whole", "step")).toEqual(["first equal", "step published", "whole equal"]);
  });
});
