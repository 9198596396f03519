import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { openApp, type OpenedApp } from "../../support/open-app.ts";

/** Until its process is ended. */
const WAITS = `import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "Waits",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler() { Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 60_000); },
});`;

let app: OpenedApp;
beforeAll(async () => {
  app = await openApp({
    functions: { waits: WAITS },
    settings: { resultBytes: 1 << 26, sqlTimeoutMs: 50 },
    bars: { symbolCount: 2, dayCount: 30 },
  });
});
afterAll(() => app.close());

interface Answer {
  readonly removed: boolean;
  readonly versions: readonly { readonly version: string; readonly byteLength: number }[];
  readonly results: { readonly count: number; readonly bytes: number };
  readonly kept: Readonly<Record<string, number>>;
}
const gc = async (body: object) => (await (await app.post("/gc", body)).json()) as Answer;
const invoke = async (lag: number) => {
  const response = await app.post("/functions/returns", { params: { lag } });
  const text = await response.text();
  if (!response.ok) throw new Error(text);
};
const publish = async (lag: number) => {
  const body = { params: { lag }, publish: { replace: true } };
  return ((await (await app.post("/functions/returns", body)).json()) as { version: string }).version;
};
const current = () => {
  const path = join(app.dataDir, "demo/features/returns/current.json");
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
};

describe("POST /gc", () => {
  test("keeps what an unfinished job would go on from after a crash, and what was wanted lately", async () => {
    await invoke(2);
    expect((await gc({ olderThanMs: 60_000 })).results).toEqual({ count: 0, bytes: 0 });
    await sleep(5);
    app.wired.services.jobs.start();
    const ordered = await app.post("/functions/waits", {}, { Prefer: "respond-async" });
    const job = ordered.headers.get("location") ?? "";
    expect([ordered.status, job]).toEqual([202, expect.stringMatching(/^\/invocations\//)]);
    await sleep(5);
    await invoke(4);
    await sleep(5);
    expect((await gc({ olderThanMs: 0, dryRun: true })).results.count).toBe(1);
    expect((await gc({ olderThanMs: 0 })).results.count).toBe(1);
    expect((await gc({ olderThanMs: 0 })).results.count).toBe(0);
    await app.send(job, { method: "DELETE" });
    await sleep(5);
    expect((await gc({ olderThanMs: 0 })).results.count).toBe(1);
  });

  test("says by what rule versions stay, also where a query may run for longer than the age that was asked for", async () => {
    const { removed, versions, kept } = await gc({ olderThanMs: 0, keep: 1 });
    expect([removed, versions]).toEqual([true, []]);
    expect(kept).toEqual({ versions: 0, byteLength: 0, keep: 1, olderThanMs: 50, queryMs: 50 });
  });

  test("keeps what was current lately, also when an older version is current again", async () => {
    const first = await publish(2);
    await sleep(60);
    const second = await publish(3);
    expect(await publish(2)).toBe(first);
    expect(current()).toBe(first);
    // The second gave way just now, whenever it was published.
    expect((await gc({ olderThanMs: 60_000, keep: 0 })).versions).toEqual([]);
    await sleep(60);
    expect((await gc({ olderThanMs: 0, keep: 0 })).versions.map(({ version }) => version)).toEqual([second]);
  });

  test("removes versions that would stay for their age where all take more bytes than they may, but not what is current", async () => {
    const last = await publish(5);
    await sleep(60);
    expect((await gc({})).versions).toEqual([]);
    const { byteLength = 0 } = (await gc({})).kept;
    expect((await gc({ maxBytes: byteLength, dryRun: true })).versions).toEqual([]);
    expect((await gc({ maxBytes: byteLength - 1 })).versions).toHaveLength(1);
    const { versions, kept } = await gc({ maxBytes: 0 });
    expect([versions, kept["versions"], current()]).toEqual([[], 1, last]);
  });

  test.each([
    [
      { maxBytes: -1 },
      'Cannot read the field "maxBytes" in the body: given -1, expected a number of bytes that all versions may take, 0 or more.',
    ],
    [
      { olderThanMs: "7d" },
      'Cannot read the field "olderThanMs" in the body: given "7d", expected milliseconds since a version was current or a cached result was used.',
    ],
  ])("refuses %j", async (body, detail) => {
    const response = await app.post("/gc", body);
    expect([response.status, ((await response.json()) as { detail: string }).detail]).toEqual([400, detail]);
  });

  test("takes a spool that was deleted meanwhile", async () => {
    await invoke(2);
    rmSync(join(app.dataDir, "spool", "results"), { recursive: true });
    expect((await gc({ olderThanMs: 0 })).removed).toBe(true);
  });
});
