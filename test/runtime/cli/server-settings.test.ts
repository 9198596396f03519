import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";
import { type RunningQuiver, startQuiver } from "../../support/run-quiver.ts";

let root = "";
let functions = "";
let server: RunningQuiver;
let url = "";
const here = (...args: string[]) => runCommand([...args, "--data", join(root, "data")]);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-settings-"));
  functions = join(root, "functions");
  mkdirSync(join(functions, "one"), { recursive: true });
  writeFileSync(
    join(functions, "one", "index.ts"),
    `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "One", inputs: { u: { close: float64 } }, outputs: { x: float64 },
  handler(_, out) { out.x.fill(1); } });\n`,
  );
  const files = [dailyBarsSql({ symbolCount: 1, dayCount: 3 })];
  await makeDataset({ dataDir: join(root, "data"), name: "demo", columns: DAILY_COLUMNS, files });
  const places = ["--data", join(root, "data"), "--functions", functions];
  const settings = ["--token", "secret-1", "--wall-time-ms", "1m"];
  server = startQuiver(["start", "--port", "0", ...places, ...settings]);
  url = (await server.outputs(/ on (http:\S+) /))[1] ?? "";
});
afterAll(async () => {
  server.kill("SIGTERM");
  await server.ended;
  rmSync(root, { recursive: true, force: true });
});

// The flags were ignored without a word: another folder's functions seemed to be published.
describe("with a live server, a setting that was given", () => {
  test("and differs from the server's is reported, with the server's value", async () => {
    const { code, err } = await here("publish", "one", "--functions", "/elsewhere", "--wall-time-ms", "5s");
    expect([code, err]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(
          `^--functions /elsewhere has no effect: the server on ${url} \\(process \\d+\\) uses ${functions}\\.\\n` +
            `--wall-time-ms 5s has no effect: the server on ${url} \\(process \\d+\\) uses 60000\\.\\n`,
        ),
      ),
    ]);
    expect((await here("ls", "--functions", "/elsewhere")).err).toMatch(
      /^--functions \/elsewhere has no effect: /,
    );
  });

  test("and is the same in other words is not", async () => {
    const same = ["--functions", relative(process.cwd(), functions), "--wall-time-ms", "60s"];
    expect((await here("ls", ...same)).err).toBe("");
    expect((await here("ls")).err).toBe("");
  });

  test("does not show the server's token", async () => {
    const { err } = await here("ls", "--token", "other");
    expect(err).toBe("");
  });
});
