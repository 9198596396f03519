import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { quiver, quiverCommand } from "../../support/run-quiver.ts";

let root = "";
let data = "";
let csv = "";
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-rm-"));
  data = join(root, "data");
  csv = join(root, "bars.csv");
  const rows = Array.from(
    { length: 28 },
    (_, i) => `A,2024-01-${String(i + 1).padStart(2, "0")},1,2,1,2,5\n`,
  );
  writeFileSync(csv, `symbol,date,open,high,low,close,volume\n${rows.join("")}`);
  expect((await here("import", "mine", csv)).code).toBe(0);
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const here = (...args: string[]) => quiver([...args, "--data", data]);

describe("quiver rm", () => {
  test("without a terminal, asks nothing and removes nothing without --yes", async () => {
    const { code, out, err } = await here("rm", "mine");
    expect([code, out, err]).toEqual([
      2,
      "",
      "Cannot remove mine without confirmation: there is no terminal to ask on. Add --yes.\n",
    ]);
    expect(existsSync(join(data, "mine", "dataset.json"))).toBe(true);
  });

  test.each([
    ["mne", /^Cannot find the dataset "mne": there is mine\. Did you mean "mine"\?/],
    ["mine/rsi", /^Cannot find the feature set "rsi" of mine: none is published yet\.\n$/],
    ["mine/a/b", 'Cannot use "mine/a/b" for what to remove: expected "dataset" or "dataset/feature".\n'],
    ["../data", /^Cannot find|^Nothing is at|^Cannot use/],
  ])("%s is refused", async (what, message) => {
    const { code, err } = await here("rm", what, "--yes");
    expect(code).toBe(2);
    expect(err).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });

  test("removes a feature set, then the dataset, and leaves nothing of either", async () => {
    expect((await here("publish", "returns", "--dataset", "mine")).code).toBe(0);
    expect(existsSync(join(data, "mine", "features", "returns"))).toBe(true);
    const feature = await here("rm", "mine/returns", "--yes");
    expect([feature.code, feature.out, feature.err]).toEqual([0, "Removed mine/returns\n", ""]);
    expect(readdirSync(join(data, "mine", "features"))).toEqual([]);
    expect((await here("sql", "select count(*)::int as n from mine.bars")).out).toMatch(/28\n$/);
    const dataset = await here("rm", "mine", "--yes", "--json");
    expect(JSON.parse(dataset.out)).toEqual({ removed: "mine" });
    expect(readdirSync(data).filter((name) => name.includes("mine") || name.includes("removed"))).toEqual([]);
    expect((await here("import", "mine", csv)).out).toContain("28 rows in, 28 kept");
  });
});

// Shows what a person would see: `script` of util-linux gives the command a terminal.
const hasScript = spawnSync("script", ["--version"]).stdout?.toString().includes("util-linux") === true;
describe.skipIf(!hasScript)("quiver rm on a terminal (needs script of util-linux)", () => {
  const command = quiverCommand();

  test.each([
    ["n\n", "Nothing was removed."],
    ["\n", "Nothing was removed."],
    ["\u0003", "Nothing was removed."],
    ["\u0004", "Nothing was removed."],
    ["y\n", "Removed mine"],
  ])("asks, and takes %j for its answer", async (answer, ending) => {
    const line = [...command, "rm", "mine", "--data", data].map((word) => `'${word}'`).join(" ");
    const child = spawn("script", ["-qec", line, "/dev/null"], { stdio: ["pipe", "pipe", "inherit"] });
    let shown = "";
    child.stdout.on("data", (chunk: Buffer) => {
      if (!shown.includes("[y/N]") && `${shown}${chunk.toString()}`.includes("[y/N]"))
        child.stdin.write(answer);
      shown += chunk.toString();
    });
    const [code] = (await once(child, "close")) as [number];
    expect(shown).toContain("Remove the dataset mine, its 28 rows? [y/N]");
    expect(shown).toContain(ending);
    expect(code).toBe(0);
    expect(existsSync(join(data, "mine"))).toBe(ending.startsWith("Nothing"));
  });
});

describe("a data directory that does not exist is not made by", () => {
  const nowhere = () => join(root, "nowhere");

  test.each([
    [["invoke", "rsi-macd"]],
    [["publish", "rsi-macd"]],
    [["sql", "select 1"]],
    [["ls", "mine"]],
    [["rm", "mine", "--yes"]],
  ])("%j, which says so", async (args) => {
    const { code, out, err } = await quiver([...args, "--data", nowhere()]);
    expect([code, out, err]).toEqual([
      2,
      "",
      `Cannot find the data directory ${nowhere()}: it does not exist. "quiver import <dataset> <files…>" or "npm run demo" creates it; name another with --data.\n`,
    ]);
    expect(existsSync(nowhere())).toBe(false);
  });

  test("a refused import, and by a list of what there is", async () => {
    const refused = await quiver(["import", "mine", join(root, "missing.csv"), "--data", nowhere()]);
    expect(refused.code).toBe(2);
    expect(existsSync(nowhere())).toBe(false);
    const listed = await quiver(["ls", "--data", nowhere()]);
    expect([listed.code, listed.err]).toEqual([0, ""]);
    expect(listed.out).toContain("No datasets yet");
    expect(existsSync(nowhere())).toBe(false);
  });
});
