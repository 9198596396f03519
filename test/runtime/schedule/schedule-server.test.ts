import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createClient } from "quiver/client";
import { readFeatureSet } from "../../../runtime/store/feature-sets.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { PROJECT, quiver, startQuiver } from "../../support/run-quiver.ts";

let root = "";
let data = "";
let functions = "";
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-schedule-"));
  data = join(root, "data");
  functions = join(root, "functions");
  cpSync(join(PROJECT, "functions", "returns"), join(functions, "returns"), { recursive: true });
  const bars = dailyBarsSql({ symbolCount: 2, dayCount: 10 });
  await makeDataset({ dataDir: data, name: "demo", columns: DAILY_COLUMNS, files: [bars] });
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const SLOW = `import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "Takes its time",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler({ bars }, out) {
    for (const end = Date.now() + 1000; Date.now() < end; );
    out.x.set(bars.close);
  },
});`;

const here = (...args: string[]) => [...args, "--data", data, "--functions", functions];
const write = (entry: object) => {
  writeFileSync(join(root, "schedule.json"), JSON.stringify({ entries: [entry] }));
};
const EVERY_SECOND = { name: "tick", cron: "* * * * * *", function: "returns", publish: { as: "ticked" } };

test("a server publishes what its schedule says, as jobs, and tells how it went", async () => {
  write(EVERY_SECOND);
  const server = startQuiver(here("start", "--port", "0"));
  const [, url = ""] = await server.outputs(/on (http:\/\/127\.0\.0\.1:\d+)/);
  const client = createClient({ url });
  const last = async () => (await client.schedule()).entries[0]?.last;
  await expect.poll(async () => (await last())?.outcome, { interval: 100 }).toBe("ok");
  const first = await last();
  const set = await client.featureSet("demo", "ticked");
  expect(set.current).toBe(first?.version);
  await expect.poll(async () => (await last())?.dueAt).not.toBe(first?.dueAt);
  const listed = await quiver(here("schedule", "ls"));
  expect([listed.code, listed.err]).toEqual([0, ""]);
  expect(listed.out).toMatch(
    /^entry +cron +zone +missed +functions +dataset +next +last\n─.*\ntick +\* \* \* \* \* \* +America\/New_York +run-once +returns +\(default\) +\S+Z +(ok|running) \S+Z\n$/,
  );
  server.kill("SIGTERM");
  expect((await server.ended).code).toBe(0);
  // Nothing new to publish: all runs found the one version.
  expect(readFeatureSet(data, "demo", "ticked").versions.length).toBe(1);
  const idle = await quiver(here("schedule", "ls"));
  expect(idle.out).toMatch(/\ntick .* ok \S+Z\n$/);
  expect(idle.err).toBe('No server is running: "quiver start" runs what is due.\n');
});

test("a run that the server's death cut short goes on as the same job", async () => {
  mkdirSync(join(functions, "slow"), { recursive: true });
  writeFileSync(join(functions, "slow", "index.ts"), SLOW);
  write({ ...EVERY_SECOND, name: "slow-tick", function: "slow", publish: { as: "slow" } });
  const start = async () => {
    const server = startQuiver(here("start", "--port", "0"));
    const [, url = ""] = await server.outputs(/on (http:\/\/127\.0\.0\.1:\d+)/);
    return { server, client: createClient({ url }) };
  };
  const first = await start();
  const last = async ({ client }: typeof first) => (await client.schedule()).entries[0]?.last;
  await expect.poll(async () => (await first.client.jobs({ status: "running" })).length).toBe(1);
  const begun = await last(first);
  expect(begun).toMatchObject({ outcome: null, job: expect.any(String) });
  first.server.kill("SIGKILL");
  await first.server.ended;
  const second = await start();
  // No run of this entry begins before the first one has ended.
  await expect
    .poll(async () => (await second.client.job(begun?.job ?? "").status()).status)
    .toBe("succeeded");
  await expect.poll(async () => (await last(second))?.dueAt).not.toBe(begun?.dueAt);
  const jobs = await second.client.jobs({ function: "slow" });
  expect(jobs.filter(({ createdAt }) => createdAt < (begun?.startedAt ?? ""))).toEqual([]);
  expect(jobs.at(-1)?.id).toBe(begun?.job);
  second.server.kill("SIGTERM");
  await second.server.ended;
});

test("a server with a wrong schedule does not start", async () => {
  write({ ...EVERY_SECOND, function: "retuns" });
  const sentence = `Cannot use the schedule ${join(root, "schedule.json")}. Cannot read the field "function" of the entry "tick": given "retuns", expected the name of an existing function. Did you mean "returns"?\n`;
  const wrong = await quiver(here("start", "--port", "0"));
  expect([wrong.code, wrong.out, wrong.err]).toEqual([2, "", sentence]);
  const absent = await quiver(here("start", "--port", "0", "--schedule", join(root, "none.json")));
  expect([absent.code, absent.err]).toEqual([
    2,
    `Cannot find the schedule ${join(root, "none.json")}: it does not exist. Give another with --schedule, or leave it out.\n`,
  ]);
});
