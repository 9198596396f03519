import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SLOW, THROWS } from "../../support/job-app.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { quiver, type RunningQuiver, startQuiver } from "../../support/run-quiver.ts";

let root = "";
let here: (...args: string[]) => string[];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-jobs-"));
  const data = join(root, "data");
  const functions = join(root, "functions");
  here = (...args) => [...args, "--data", data, "--functions", functions];
  for (const [name, source] of [
    ["slow", SLOW],
    ["throws", THROWS],
  ] as const) {
    mkdirSync(join(functions, name), { recursive: true });
    writeFileSync(join(functions, name, "index.ts"), source);
  }
  const files = [dailyBarsSql({ symbolCount: 4, dayCount: 60 })];
  await makeDataset({ dataDir: data, name: "demo", columns: DAILY_COLUMNS, files });
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

describe("without a server", () => {
  test.each([["invoke"], ["publish"]])("%s --async says to start one", async (command) => {
    const { code, out, err } = await quiver(here(command, "slow", "--async"));
    expect([code, out, err]).toEqual([
      2,
      "",
      `Cannot run "quiver ${command} slow --async": no server works on the data directory ${join(root, "data")}. Start one with "quiver start", or leave --async out and wait.\n`,
    ]);
  });

  test("what belongs to jobs is refused for a call", async () => {
    const { code, err } = await quiver(here("invoke", "slow", "--priority", "3"));
    expect([code, err]).toEqual([2, 'Cannot use "3" for --priority: expected none without --async.\n']);
  });

  test("there are no jobs", async () => {
    const { code, out, err } = await quiver(here("jobs"));
    expect([code, out, err]).toEqual([
      0,
      "",
      'No such jobs. "quiver invoke <function> --async" makes one.\n',
    ]);
  });
});

describe("with a server", () => {
  let server: RunningQuiver;
  let url = "";
  beforeAll(async () => {
    server = startQuiver(here("start", "--port", "0"));
    url = (await server.outputs(/ on (http:\S+) /))[1] ?? "";
  });
  afterAll(async () => {
    server.kill("SIGTERM");
    await server.ended;
  });

  const order = async (...args: string[]) => {
    const { code, out, err } = await quiver(here(...args, "--async"));
    const [, id = ""] = /^(\S+) http/.exec(out) ?? [];
    expect([code, out, err]).toEqual([
      0,
      `${id} ${url}/invocations/${id}\n`,
      `"quiver jobs watch ${id}" shows how far it is.\n`,
    ]);
    return id;
  };

  test("a job is ordered, watched, listed, and its rows and its log are fetched", async () => {
    const id = await order("invoke", "slow", "--param", "milliseconds=100", "--key", "once");
    expect(await order("invoke", "slow", "--param", "milliseconds=100", "--key", "once")).toBe(id);
    const watched = await quiver(here("jobs", "watch", id));
    expect([watched.code, watched.out]).toEqual([
      0,
      expect.stringMatching(
        new RegExp(`^121 rows, kept until .*Z: "quiver jobs result ${id} -o <file>" fetches them\\.\n$`),
      ),
    ]);
    const listed = await quiver(here("jobs", "--status", "succeeded", "--json"));
    const { jobs } = JSON.parse(listed.out) as { jobs: object[] };
    expect(jobs).toMatchObject([{ id, function: "slow", status: "succeeded" }]);
    expect((await quiver(here("jobs", "logs", id))).out).toBe("at work\n".repeat(4));
    const file = join(root, "rows.csv");
    expect((await quiver(here("jobs", "result", id, "-o", file))).code).toBe(0);
    expect(readFileSync(file, "utf8").split("\r\n")[0]).toBe("symbol,ts,twice");
    const cancelled = await quiver(here("jobs", "cancel", id));
    expect([cancelled.code, cancelled.out]).toEqual([0, `Nothing to cancel: ${id} has succeeded.\n`]);
  });

  test("watching a job that fails fails as it did", async () => {
    const id = await order("publish", "throws");
    const { code, err } = await quiver(here("jobs", "watch", id));
    expect([code, err]).toEqual([3, expect.stringContaining('The function "throws" stopped: no luck\n')]);
  });

  test("a job that takes too long is cancelled", async () => {
    const id = await order("publish", "slow", "--param", "milliseconds=60000", "--priority", "2");
    const { code, out } = await quiver(here("jobs", "cancel", id));
    expect([code, out]).toEqual([0, `Cancelled ${id}.\n`]);
    const { code: watched, err } = await quiver(here("jobs", "watch", id));
    expect([watched, err]).toEqual([2, 'The job of "slow" was cancelled.\n']);
  });
});
