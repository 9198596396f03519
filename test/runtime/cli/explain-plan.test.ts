import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";
import { startQuiver } from "../../support/run-quiver.ts";

let root = "";
const here = (...args: string[]) =>
  runCommand([...args, "--data", join(root, "data"), "--functions", join(root, "functions")]);

function write(name: string, source: string): void {
  mkdirSync(join(root, "functions", name), { recursive: true });
  writeFileSync(
    join(root, "functions", name, "index.ts"),
    `import { broadcast, defineFeature, float64, fromFunction } from "quiver";\nimport { z } from "zod";\n${source}`,
  );
}

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-explain-"));
  await makeDataset({
    dataDir: join(root, "data"),
    name: "demo",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 3, dayCount: 40 })],
  });
  write(
    "doubled",
    `export default defineFeature({ description: "doubled", params: z.object({ times: z.number().default(2) }),
  inputs: { bars: { close: float64 } }, outputs: { x: float64 }, memory: { lookBack: () => 1000 },
  handler({ bars }, out, { params }) { bars.close.forEach((c, i) => (out.x[i] = c * params.times)); } });`,
  );
  write(
    "ranked",
    `export default defineFeature({ description: "ranked", partition: "date",
  inputs: { u: fromFunction("doubled", { columns: { x: float64 } }), first: broadcast("S000000", { columns: { close: float64 } }) },
  outputs: { y: float64, z: float64 },
  handler({ u }, out) { out.y.set(u.x); out.z.set(u.x); } });`,
  );
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The lines of a text, with padding collapsed. */
const lines = (text: string) => text.split("\n").map((line) => line.replaceAll(/ +/g, " ").trim());

describe("quiver invoke --explain", () => {
  test("prints stages, partitions, rows, columns, what to load and what is published", async () => {
    const { code, out, err } = await here("invoke", "ranked", "--explain", "--from", "2023-12-30");
    expect([code, err]).toEqual([0, "--json prints the whole plan.\n"]);
    expect(lines(out.replace(/[\d.]+ KiB/, "n KiB").replaceAll("─", ""))).toEqual([
      "ranked on demo: 7 rows of 3 symbols, 2 columns, from 2023-12-30",
      "",
      "stage reads columns partitions rows read rows made look-back",
      "",
      "1 doubled demo 1 1 61 61 1,000",
      "2 (rows by moment) 1 1 1 7 7",
      "3 ranked demo, 2 2 1 7 7 0",
      "4 (rows by symbol) 3 2 1 7 7",
      "",
      "Already loaded: nothing",
      "To load: close by symbol; close of S000000 by moment (of 1 file, n KiB)",
      "Cached: nothing of the result",
      "Published: nothing as demo/ranked yet.",
      "",
    ]);
  });

  test("says that the result is already published", async () => {
    const published = await here("publish", "doubled", "--json");
    const { version } = JSON.parse(published.out) as { version: string };
    const told = async (...args: string[]) =>
      lines((await here("invoke", "doubled", "--explain", ...args)).out).at(-2);
    expect(await told()).toBe(`Published: this result is the current version of demo/doubled, ${version}.`);
    expect(await told("--param", "times=3")).toBe("Published: not this result; demo/doubled holds others.");
  });

  test("says that a server has cached the result of an earlier call", async () => {
    const server = startQuiver(
      ["start", "--port", "0", "--data", join(root, "data")].concat("--functions", join(root, "functions")),
    );
    try {
      await server.outputs(/ on (http:\S+) /);
      const told = async () =>
        lines((await here("invoke", "ranked", "--explain")).out).find((line) => line.startsWith("Cached"));
      expect(await told()).toBe("Cached: nothing of the result");
      expect((await here("invoke", "ranked")).code).toBe(0);
      expect(await told()).toBe("Cached: the result; nothing is computed");
    } finally {
      server.kill("SIGTERM");
      await server.ended;
    }
  });

  test("prints the whole plan with --json", async () => {
    const { code, out, err } = await here("invoke", "ranked", "--explain", "--json");
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toMatchObject({ function: "ranked", dataset: "demo", outputRowCount: 61 });
  });

  test("refuses what an invocation would refuse", async () => {
    expect(await here("invoke", "ranked", "--explain", "--param", "times=3")).toEqual({
      code: 2,
      out: "",
      err: 'Cannot find the parameter "times" of "ranked": it has none.\n',
    });
  });
});
