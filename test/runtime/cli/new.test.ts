import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { check } from "prettier";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { PROJECT, quiver } from "../../support/run-quiver.ts";

let root = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "quiver-new-"));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const functions = () => join(root, "functions");

describe("quiver new", () => {
  test("creates a function and its test, in the project's format", async () => {
    const { code, out } = await quiver(["new", "my-rsi", "--functions", functions()]);
    expect(code).toBe(0);
    const files = [
      join(functions(), "my-rsi", "index.ts"),
      join(root, "test", "functions", "my-rsi.test.ts"),
    ];
    for (const file of files) {
      expect(out).toContain(file);
      const options = { parser: "typescript", printWidth: 110 };
      expect(await check(readFileSync(file, "utf8"), options)).toBe(true);
    }
  });

  test("creates the function that the README shows", () => {
    const readme = readFileSync(join(PROJECT, "README.md"), "utf8");
    expect(readme).toContain(readFileSync(join(functions(), "my-rsi", "index.ts"), "utf8"));
  });

  test("creates a test that passes", async () => {
    symlinkSync(join(PROJECT, "node_modules"), join(root, "node_modules"));
    const vitest =
      runtimeName() === "deno"
        ? ["run", "-A", "--quiet", "npm:vitest"]
        : ["--bun", join(PROJECT, "node_modules/vitest/vitest.mjs")];
    const args = ["run", "--root", root, "--config", join(PROJECT, "vitest.config.ts")];
    const child = spawn(executablePath(), [...vitest, ...args], {
      cwd: PROJECT,
      env: { ...process.env, NO_COLOR: "1" },
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(child, "close")) as [number];
    expect(output).toContain("1 passed");
    expect(code).toBe(0);
  });

  test("creates a function that can be invoked at once", async () => {
    const data = join(root, "data");
    const bars = dailyBarsSql({ symbolCount: 3, dayCount: 9 });
    await makeDataset({ dataDir: data, name: "demo", columns: DAILY_COLUMNS, files: [bars] });
    const settings = ["--data", data, "--functions", functions()];
    const { code, out } = await quiver([
      "invoke",
      "my-rsi",
      "--param",
      "period=2",
      "--symbols",
      "S000002",
      "--json",
      ...settings,
    ]);
    expect(code).toBe(0);
    const rows = JSON.parse(out) as { rsi: number | null }[];
    expect(rows.slice(0, 2).map((row) => row.rsi)).toEqual([null, null]);
    expect(rows.slice(2).every((row) => typeof row.rsi === "number")).toBe(true);
  });

  test("overwrites nothing", async () => {
    const { code, err } = await quiver(["new", "my-rsi", "--functions", functions()]);
    expect(code).toBe(2);
    expect(err).toBe(
      `Cannot make the function "my-rsi": ${join(functions(), "my-rsi", "index.ts")} already exists. Choose another name.\n`,
    );
  });
});
