import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { JobView } from "../../../runtime/jobs/job-view.ts";
import { currentChecksums, leftovers, processesOf } from "../../support/inspect-data-dir.ts";
import { ASYNC, SLOW, until } from "../../support/job-app.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { type RunningQuiver, startQuiver } from "../../support/run-quiver.ts";

let root = "";
let data = "";
const started: RunningQuiver[] = [];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-killed-"));
  data = join(root, "data");
  mkdirSync(join(root, "functions", "slow"), { recursive: true });
  writeFileSync(join(root, "functions", "slow", "index.ts"), SLOW);
  await makeDataset({
    dataDir: data,
    name: "demo",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 4, dayCount: 60 })],
  });
});
afterAll(async () => {
  for (const { pid, ended } of started) {
    try {
      process.kill(pid, "SIGKILL");
    } catch {
      // It ended in its test.
    }
    await ended;
  }
  rmSync(root, { recursive: true, force: true });
});

async function serve(): Promise<{ readonly server: RunningQuiver; readonly url: string }> {
  const functions = join(root, "functions");
  const server = startQuiver(["start", "--port", "0", "--data", data, "--functions", functions]);
  started.push(server);
  const [, url = ""] = await server.outputs(/ on (http:\S+) /);
  return { server, url };
}

const isLinux = process.platform === "linux";
const NAMES = ["a", "b", "c", "d"];

/** A publication that takes some 400 ms, spread over four symbols. */
async function order(url: string, as: string): Promise<string> {
  const response = await fetch(`${url}/functions/slow`, {
    method: "POST",
    headers: { ...ASYNC, "Content-Type": "application/json", "Idempotency-Key": `publish ${as}` },
    body: JSON.stringify({ params: { milliseconds: 100 }, publish: { as } }),
  });
  expect(response.status).toBe(202);
  return response.headers.get("Location") ?? "";
}

async function jobAt(url: string, path: string): Promise<JobView> {
  return (await (await fetch(url + path)).json()) as JobView;
}

test("jobs survive the death of their server: each URL answers, each version is whole, nothing is left behind", async () => {
  let { server, url } = await serve();
  const paths: string[] = [];
  for (const name of NAMES) paths.push(await order(url, name));
  for (const afterMs of [150, 420, 60]) {
    await new Promise((resolve) => setTimeout(resolve, afterMs));
    server.kill("SIGKILL");
    await server.ended;
    // Not half of anything under a final name, even before anybody tidied up.
    currentChecksums(data);
    if (isLinux) await until(() => processesOf(data).length === 0);
    ({ server, url } = await serve());
    const known = await Promise.all(paths.map((path) => jobAt(url, path)));
    expect(known.filter(({ status }) => status === "failed" || status === "cancelled")).toEqual([]);
  }
  await until(async () => {
    const jobs = await Promise.all(paths.map((path) => jobAt(url, path)));
    return jobs.every(({ status }) => status === "succeeded");
  });
  const checksums = currentChecksums(data);
  expect(Object.keys(checksums)).toEqual(NAMES.map((name) => `demo/${name}`));
  // All of them asked the same question: an undisturbed answer to it is the fifth.
  const undisturbed = await order(url, "undisturbed");
  await until(async () => (await jobAt(url, undisturbed)).status === "succeeded");
  expect(new Set(Object.values(currentChecksums(data))).size).toBe(1);

  // The request that started it all, sent again by a caller who saw the connection break.
  const again = await fetch(`${url}/functions/slow`, {
    method: "POST",
    headers: { ...ASYNC, "Content-Type": "application/json", "Idempotency-Key": "publish a" },
    body: JSON.stringify({ params: { milliseconds: 100 }, publish: { as: "a" } }),
  });
  expect([again.status, again.headers.get("Location")]).toEqual([200, paths[0]]);
  server.kill("SIGTERM");
  expect(await server.ended).toMatchObject({ code: 0 });
  expect(leftovers(data)).toEqual([]);
});

test("jobs are put aside when their server is stopped, and go on at the next start", async () => {
  const { server, url } = await serve();
  const sent = await fetch(`${url}/functions/slow`, {
    method: "POST",
    headers: { ...ASYNC, "Content-Type": "application/json" },
    body: JSON.stringify({ symbols: ["S000002"], params: { milliseconds: 3_000 } }),
  });
  const path = sent.headers.get("Location") ?? "";
  const events = await fetch(`${url}${path}/events`);
  await until(async () => (await (await fetch(`${url}${path}/logs`)).text()) === "at work\n");
  server.kill("SIGTERM");
  // Whoever watches is told to come back later by the end of the stream: no event says that the job has ended.
  expect(await events.text()).not.toContain("event: end");
  const { code, err } = await server.ended;
  expect([code, err]).toEqual([
    0,
    "Stopping: refusing new requests, finishing running ones; one job continues at the next start.\n",
  ]);

  const next = await serve();
  expect((await jobAt(next.url, path)).attempts).toBe(2);
  await until(async () => (await jobAt(next.url, path)).status === "succeeded");
  expect(await (await fetch(`${next.url}${path}/result?format=json`)).json()).toHaveLength(60);
  next.server.kill("SIGTERM");
  await next.server.ended;
});
