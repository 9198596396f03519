import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { createResultStore, type StoredResult } from "../../../runtime/results/result-store.ts";

describe("createResultStore()", () => {
  let root: string;
  let time: number;
  let made: number;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), "quiver-results-"));
    time = 1_000;
    made = 0;
  });
  afterEach(() => rmSync(root, { recursive: true }));

  const dir = () => join(root, "results");
  const open = (bytesMax = 1_000, adopts = true) =>
    createResultStore({ dir: dir(), adopts, bytesMax, countMax: 3, ageMsMax: 10_000, now: () => time });

  function result(byteLength = 100): StoredResult {
    const outDir = join(root, `out-${made++}`);
    mkdirSync(outDir);
    writeFileSync(join(outDir, "a.arrow"), new Uint8Array(byteLength));
    const reply = {
      outDir,
      rowCount: 3,
      files: [{ file: "a.arrow", byteLength, sha256: null }],
      columns: [],
      batches: [],
      firstTs: 1,
      lastTs: 3,
      checksumFile: null,
      symbolRows: null,
      warnings: [{ message: "odd", count: 2 }],
      timings: { mapMs: 0, importMs: 0, handlerMs: 0, sinkMs: 0 },
    };
    return { reply, outDir, peakMemoryBytes: 7, logTail: "said" };
  }

  test("finds what was kept, and nothing else", async () => {
    const store = open();
    const kept = await store.keep("a", result(), false);
    expect(store.find("b")).toBeUndefined();
    const found = store.find("a");
    expect(found?.outDir).toBe(kept.outDir);
    expect(found?.reply).toEqual(kept.reply);
    await kept.release();
    await found?.release();
    expect(existsSync(kept.outDir)).toBe(true);
  });

  test("makes room by what was wanted least recently", async () => {
    const store = open(250);
    for (const key of ["a", "b"]) await (await store.keep(key, result(), false)).release();
    await store.find("a")?.release();
    await (await store.keep("c", result(), false)).release();
    expect(["a", "b", "c"].filter((key) => store.find(key) !== undefined)).toEqual(["a", "c"]);
    expect(store.usage()).toEqual({ count: 2, bytes: 200 });
  });

  test("makes room when there are too many", async () => {
    const store = open();
    for (const key of ["a", "b", "c", "d"]) await (await store.keep(key, result(1), false)).release();
    expect(store.find("a")).toBeUndefined();
    expect(store.usage()).toEqual({ count: 3, bytes: 3 });
  });

  test("leaves what somebody holds, however little room there is", async () => {
    const store = open(0);
    const first = await store.keep("a", result(), false);
    const second = store.find("a");
    await first.release();
    await first.release();
    expect(existsSync(first.outDir)).toBe(true);
    await second?.release();
    expect(existsSync(first.outDir)).toBe(false);
    expect(store.find("a")).toBeUndefined();
  });

  test("lets go of what is old", async () => {
    const store = open();
    await (await store.keep("a", result(), false)).release();
    time += 10_001;
    await (await store.keep("b", result(), false)).release();
    expect(store.find("a")).toBeUndefined();
    expect(store.find("b")).toBeDefined();
  });

  test("puts what was computed anew in the place of what was there, and leaves that to who holds it", async () => {
    const store = open();
    const first = await store.keep("a", result(), true);
    const second = await store.keep("a", result(), true);
    expect(second.outDir).not.toBe(first.outDir);
    expect(store.find("a")?.outDir).toBe(second.outDir);
    await first.release();
    expect(existsSync(first.outDir)).toBe(false);
    expect(existsSync(second.outDir)).toBe(true);
    expect(store.usage()).toEqual({ count: 1, bytes: 100 });
  });

  test("has those who want the same at once wait for the one who computes it", async () => {
    const store = open();
    const begun = Promise.withResolvers<StoredResult>();
    const unexpected = () => Promise.reject(new Error("was computed twice"));
    const first = store.computeOnce("a", () => begun.promise, false);
    const second = store.computeOnce("a", unexpected, false);
    begun.resolve(result());
    expect((await first).found).toBe(false);
    expect((await second).found).toBe(true);
    expect((await second).held.outDir).toBe((await first).held.outDir);
  });

  test("has the next compute when the one they waited for fails", async () => {
    const store = open();
    const begun = Promise.withResolvers<StoredResult>();
    const first = store.computeOnce("a", () => begun.promise, false);
    const second = store.computeOnce("a", () => Promise.resolve(result()), false);
    const third = store.computeOnce("a", () => Promise.reject(new Error("was computed twice")), false);
    begun.reject(new Error("gave up"));
    await expect(first).rejects.toThrow("gave up");
    expect((await second).found).toBe(false);
    expect((await third).found).toBe(true);
  });

  test("lets who gives up go, and the one they waited for go on", async () => {
    const store = open();
    const begun = Promise.withResolvers<StoredResult>();
    const first = store.computeOnce("a", () => begun.promise, false);
    const controller = new AbortController();
    const unexpected = () => Promise.reject(new Error("was computed twice"));
    const second = store.computeOnce("a", unexpected, false, controller.signal);
    controller.abort(new Error("gave up"));
    await expect(second).rejects.toThrow("gave up");
    await expect(store.computeOnce("a", unexpected, false, controller.signal)).rejects.toThrow("gave up");
    begun.resolve(result());
    expect((await first).found).toBe(false);
  });

  test("forgets what is discarded, unless another holds it", async () => {
    const store = open();
    const first = await store.keep("a", result(), false);
    const second = store.find("a");
    await first.discard();
    expect(existsSync(first.outDir)).toBe(true);
    await second?.discard();
    expect(existsSync(first.outDir)).toBe(false);
    expect(store.usage()).toEqual({ count: 0, bytes: 0 });
  });

  test("removes what nobody wanted since a moment when asked, except for what is held", async () => {
    const store = open();
    const held = await store.keep("a", result(), false);
    await (await store.keep("b", result(50), true)).release();
    await (await store.keep("c", result(70), true)).release();
    time = 2000;
    await store.find("c")?.release();
    expect(await store.collectUnused(new Date(1000))).toEqual({ count: 0, bytes: 0 });
    expect(await store.collectUnused(new Date(2000), true)).toEqual({ count: 1, bytes: 50 });
    expect(store.usage().count).toBe(3);
    // So does a later process, which knows when each was last wanted.
    expect(await open().collectUnused(new Date(2000), true)).toEqual({ count: 1, bytes: 50 });
    expect(await store.collectUnused(new Date(2000))).toEqual({ count: 1, bytes: 50 });
    expect(await store.collectUnused(new Date(3000))).toEqual({ count: 1, bytes: 70 });
    expect(store.find("a")).toBeDefined();
    await held.release();
  });

  test("finds durable results again after its process has ended, and only those", async () => {
    const before = open();
    await before.keep("durable", result(), true);
    await before.keep("fleeting", result(), false);
    const after = open();
    const found = after.find("durable");
    expect(found).toMatchObject({ outDir: join(dir(), "durable"), peakMemoryBytes: 7, logTail: "said" });
    expect(found?.reply.warnings).toEqual([{ message: "odd", count: 2 }]);
    expect(after.find("fleeting")).toBeUndefined();
  });

  test("leaves only what is durable when it closes", async () => {
    const store = open();
    const durable = await store.keep("durable", result(), true);
    const fleeting = await store.keep("fleeting", result(), false);
    await store.close();
    expect([durable, fleeting].map(({ outDir }) => existsSync(outDir))).toEqual([true, false]);
  });

  test("removes what an earlier process left unfinished or cut short", async () => {
    const before = open();
    await before.keep("cut", result(), true);
    truncateSync(join(dir(), "cut", "a.arrow"), 99);
    mkdirSync(join(dir(), "unfinished"));
    const after = open();
    expect(after.find("cut")).toBeUndefined();
    expect(readdirSync(dir())).toEqual([]);
  });

  test("touches nothing of another process's, and keeps its own apart", async () => {
    const owner = open();
    await owner.keep("a", result(), true);
    const guest = open(1_000, false);
    expect(guest.find("a")).toBeUndefined();
    const kept = await guest.keep("a", result(), true);
    expect(kept.outDir.startsWith(dir())).toBe(false);
    expect(owner.find("a")).toBeDefined();
  });

  test("does not find what was deleted by hand", async () => {
    const store = open();
    const kept = await store.keep("a", result(), true);
    await kept.release();
    rmSync(dir(), { recursive: true });
    expect(store.find("a")).toBeUndefined();
    expect(store.usage()).toEqual({ count: 0, bytes: 0 });
  });
});
