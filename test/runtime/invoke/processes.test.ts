import { readdirSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createFunctionSlots } from "../../../runtime/concurrency/function-slots.ts";
import { createWarmChildren } from "../../../runtime/process/warm-children.ts";
import { makeMarket } from "../../support/function-market.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
let canRecord = true;
beforeAll(async () => {
  functions = await openFunctions({
    fill: makeMarket,
    onRecord() {
      if (!canRecord) throw new Error("the disk is full");
    },
  });
});
afterAll(() => functions.close());

const invoke = (name: string, request: object = {}, options: object = {}) =>
  functions.invoke({ function: name, ...request }, options);

describe("a function that asks for reuse", () => {
  test("is served by one warm process, call after call, with inputs as they are in the files", async () => {
    const closes = (await invoke("closes-again")).columns["close"];
    const first = await invoke("reused-counter");
    expect(first.columns["calls"]!.at(-1)).toBe(5);
    const started = functions.parts.childrenStarted();
    for (let call = 2; call <= 4; call++) {
      const again = await invoke("reused-counter");
      expect(again.columns["calls"]!.at(-1)).toBe(call * 5);
      expect(again.columns["close"]).toEqual(closes);
    }
    expect(functions.parts.childrenStarted()).toBe(started);
    expect(functions.leftInSpool()).toEqual([]);
  });

  test("goes on in it after a call that threw, and in a new one after an edit", async () => {
    const before = Number((await invoke("reused-counter", { symbols: ["S000001"] })).columns["calls"]![0]);
    await expect(invoke("reused-counter", { params: { fails: true } })).rejects.toMatchObject({
      code: "function-threw",
      message: 'The function "reused-counter" stopped: as asked',
    });
    expect((await invoke("reused-counter", { symbols: ["S000001"] })).columns["calls"]).toEqual([before + 2]);
    const source = await import("node:fs").then(({ readFileSync }) =>
      readFileSync(join(functions.functionsDir, "reused-counter/index.ts"), "utf8"),
    );
    functions.write("reused-counter/index.ts", source.replace("calls++", "calls += 1000"));
    expect((await invoke("reused-counter", { symbols: ["S000001"] })).columns["calls"]).toEqual([1000]);
    functions.write("reused-counter/index.ts", source);
  });

  test("serves callers at the same time, each with its own result", async () => {
    const symbols = ["S000000", "S000001", "S000002", "S000003", "S000004"];
    const all = await Promise.all(symbols.map((symbol) => invoke("reused-counter", { symbols: [symbol] })));
    expect(all.map((rows) => rows.symbols[0])).toEqual(symbols);
    expect(new Set(all.map((rows) => rows.columns["calls"]![0])).size).toBe(5);
  });

  test("can be the input of another, and published", async () => {
    const through = await invoke("running-sum", { inputs: { bars: { function: "reused-counter" } } });
    expect(through.columns["sum"]).toEqual((await invoke("running-sum")).columns["sum"]);
    const { manifest } = await functions.publish({ function: "reused-counter" });
    expect(manifest.rowCount).toBe(151);
    expect(functions.leftInSpool()).toEqual([]);
  });

  test("cannot get at other files with what it captures from the process it is in", async () => {
    functions.write(
      "captures/index.ts",
      `import { defineFeature, float64, int32 } from "quiver";
let map: ((path: string) => unknown) | undefined;
const some = Array.prototype.map;
Object.assign(Array.prototype, { map(this: unknown[], callback: (item: unknown) => unknown, self: unknown) {
  // The callback that maps a part's file: called with a part of our own making.
  map ??= (path) => callback.call(self, { path, firstRow: 0, rowCount: 1 });
  return some.call(this, callback, self);
} });
let calls = 0;
export default defineFeature({
  description: "tries to map a file of the machine", inputs: { bars: { close: float64 } },
  outputs: { calls: int32 }, reuse: true,
  handler(_, out) {
    calls++;
    if (calls > 1 && map !== undefined) {
      try { map("/etc/passwd"); } catch (error) { if (!/given|readColumnFile|column file|undefined|not/i.test(String(error))) throw error; console.log(String(error)); }
    }
    out.calls.values.fill(calls); out.calls.valid.fill(1);
  },
});`,
    );
    await invoke("captures", { symbols: ["S000001"] });
    const { facts } = await invoke("captures", { symbols: ["S000001"] });
    expect(facts.logTail).not.toContain("root:");
  });
});

describe("limits.concurrency", () => {
  const source = (concurrency: number | null) => `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "takes a while", inputs: { bars: { close: float64 } },
  outputs: { started: float64, ended: float64 }, ${concurrency === null ? "" : `limits: { concurrency: ${concurrency} },`}
  handler(_, out) {
    out.started.fill(performance.timeOrigin + performance.now());
    const end = performance.now() + 150;
    while (performance.now() < end);
    out.ended.fill(performance.timeOrigin + performance.now());
  } });`;

  async function overlaps(count: number): Promise<number> {
    const all = await Promise.all(
      Array.from({ length: count }, () => invoke("slow", { symbols: ["S000001"] }, { recompute: true })),
    );
    const spans = all.map(
      ({ columns }) => [Number(columns["started"]![0]), Number(columns["ended"]![0])] as const,
    );
    return Math.max(
      ...spans.map(([start]) => spans.filter(([from, to]) => from <= start && start < to).length),
    );
  }

  test("of 1 lets one process of the function run at a time, over all invocations", async () => {
    functions.write("slow/index.ts", source(1));
    expect(await overlaps(4)).toBe(1);
  });

  test("left out lets as many run as there are processes", async () => {
    functions.write("slow/index.ts", source(null));
    expect(await overlaps(4)).toBeGreaterThan(1);
  });

  test("refuses callers beyond its queue, and lets who gave up go", async () => {
    const slots = createFunctionSlots(1);
    let finish = () => {};
    const signal = new AbortController().signal;
    const running = slots.run(
      "f",
      1,
      { signal, priority: 0 },
      () => new Promise<void>((resolve) => (finish = resolve)),
    );
    const leaving = new AbortController();
    const waiting = slots.run("f", 1, { signal: leaving.signal, priority: 0 }, () => Promise.resolve("ran"));
    await expect(slots.run("f", 1, { signal, priority: 0 }, () => Promise.resolve())).rejects.toMatchObject({
      code: "children-busy",
      message:
        'Cannot run "f" now: 1 of its processes are running, which is its own limit, and 1 callers wait already. Try ' +
        "again later, or raise `limits.concurrency` in its definition.",
    });
    leaving.abort(new Error("gone"));
    await expect(waiting).rejects.toThrow("gone");
    const next = slots.run("f", 1, { signal, priority: 0 }, () => Promise.resolve("ran"));
    finish();
    await running;
    expect(await next).toBe("ran");
  });
});

describe("createWarmChildren()", () => {
  function recorder() {
    const events: string[] = [];
    let count = 0;
    const create = () => {
      const id = ++count;
      events.push(`start ${id}`);
      return {
        run: () => Promise.reject(new Error("not here")),
        close: async () => void events.push(`close ${id}`),
      };
    };
    return { events, create };
  }

  test("never ends a process at work to make room, and the one used longest ago first", async () => {
    const { events, create } = recorder();
    const warm = createWarmChildren({ create, max: 2 });
    let finish = () => {};
    const busy = warm.use("a", () => new Promise<void>((resolve) => (finish = resolve)));
    await warm.use("b", () => Promise.resolve());
    await warm.use("c", () => Promise.resolve());
    expect(events).toEqual(["start 1", "start 2", "start 3", "close 2"]);
    finish();
    await busy;
    await warm.use("a", () => Promise.resolve());
    await warm.use("d", () => Promise.resolve());
    expect(events.slice(4)).toEqual(["start 4", "close 3"]);
    await warm.close();
    expect(events.slice(6).toSorted()).toEqual(["close 1", "close 4"]);
  });

  test("replaces a process after so many uses, when nobody uses it", async () => {
    const { events, create } = recorder();
    const warm = createWarmChildren({ create, max: 2, usesMax: 2 });
    for (let use = 0; use < 5; use++) await warm.use("a", () => Promise.resolve());
    expect(events).toEqual(["start 1", "close 1", "start 2", "close 2", "start 3"]);
  });

  // A server told to stop while it described two dozen functions went on to the last of them.
  test("starts none once it is closed", async () => {
    const { events, create } = recorder();
    const warm = createWarmChildren({ create, max: 2 });
    await warm.use("a", () => Promise.resolve());
    await warm.close();
    await expect(warm.use("b", () => Promise.resolve())).rejects.toMatchObject({
      code: "stopping",
      message: "Cannot start a process for a function: Quiver is being stopped.",
    });
    expect(events).toEqual(["start 1", "close 1"]);
  });
});

describe("an invocation that is cancelled", () => {
  test("while it runs ends its processes and leaves nothing", async () => {
    functions.write(
      "spins/index.ts",
      `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "never ends", inputs: { bars: { close: float64 } }, outputs: { x: float64 }, handler() { console.log("spinning"); for (;;); } });`,
    );
    const abort = new AbortController();
    const running = invoke("spins", {}, { signal: abort.signal, onLog: () => abort.abort() });
    await expect(running).rejects.toMatchObject({
      code: "invocation-cancelled",
      message: 'The invocation of "spins" was cancelled.',
    });
    expect(functions.leftInSpool()).toEqual([]);
    expect(functions.records.at(-1)).toMatchObject({ outcome: "invocation-cancelled", function: "spins" });
  });

  test("while it waits for a process leaves the queue", async () => {
    const aborts = Array.from({ length: 5 }, () => new AbortController());
    const all = aborts.map(({ signal }) =>
      invoke("spins", {}, { signal, recompute: true }).catch((e: unknown) => e),
    );
    await expect.poll(() => functions.parts.pool.stats().waiting).toBe(2);
    for (const abort of aborts.toReversed()) abort.abort();
    const ended = await Promise.all(all);
    expect(ended.map((error) => (error as { code?: string }).code)).toEqual(
      aborts.map(() => "invocation-cancelled"),
    );
    expect(functions.parts.pool.stats().waiting).toBe(0);
    expect((await invoke("returns")).rowCount).toBe(151);
    expect(functions.leftInSpool()).toEqual([]);
  });

  test("before it begins does nothing", async () => {
    await expect(invoke("returns", {}, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: "invocation-cancelled",
    });
  });
});

describe("every invocation is recorded", () => {
  test("with its dataset, timings, rows, memory and log, or with the refusal's code and sentence", async () => {
    await invoke("rsi-macd", { symbols: ["S000002"] });
    expect(functions.records.at(-1)).toMatchObject({
      function: "rsi-macd",
      dataset: "demo",
      kind: "invoke",
      outcome: "ok",
      message: null,
      rowCount: 60,
      request: { function: "rsi-macd", symbols: ["S000002"] },
    });
    expect(functions.records.at(-1)!.timings.map((timing) => timing.stage)).toEqual(
      expect.arrayContaining(["resolve", "plan", "run"]),
    );
    await invoke("rsi-macd", { symbols: ["X"] }).catch(() => {});
    const refused = functions.records.at(-1)!;
    expect(refused).toMatchObject({ outcome: "unknown-symbol", fingerprint: null, rowCount: 0 });
    expect(refused.message).toMatch(/^Cannot find the symbol "X"/);
    expect(new Set(functions.records.map((record) => record.id)).size).toBe(functions.records.length);
  });

  test("and a record that cannot be written fails no invocation", async () => {
    const { invoker } = functions.parts;
    canRecord = false;
    try {
      const result = await invoker.invoke({ function: "returns" });
      expect(result.facts.rowCount).toBe(151);
      await result.release();
      await expect(invoker.invoke({ function: "nothing" })).rejects.toMatchObject({
        code: "unknown-function",
      });
    } finally {
      canRecord = true;
    }
  });
});

describe("a handler that writes into its inputs", () => {
  test("changes them for nobody else", async () => {
    functions.write(
      "sorts-inputs/index.ts",
      `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "sorts in place", inputs: { bars: { close: float64 } }, outputs: { x: float64 }, handler({ bars: { close } }, out) { close.sort(); out.x.set(close); close.fill(-1); } });`,
    );
    const before = await invoke("closes-again");
    const sorted = await invoke("sorts-inputs");
    expect((await invoke("sorts-inputs")).columns).toEqual(sorted.columns);
    expect((await invoke("closes-again")).columns).toEqual(before.columns);
  });
});

describe("the folder a handler runs in", () => {
  test("cannot be used to have the server read other files", async () => {
    functions.write(
      "plants-link/index.ts",
      `import { defineFeature, float64 } from "quiver";
import { readdirSync, renameSync, symlinkSync, writeFileSync, unlinkSync } from "node:fs";
export default defineFeature({ description: "puts a link in place of its result", inputs: { bars: { close: float64 } }, outputs: { x: float64 },
  handler(_, out) {
    out.x.fill(1);
    // After the result is written, before it is answered.
    void Promise.resolve().then(() => {
      const file = process.cwd() + "/result.arrow";
      unlinkSync(file);
      try { symlinkSync("/etc/passwd", file); } catch { writeFileSync(file, "short"); }
    });
  } });`,
    );
    await expect(invoke("plants-link")).rejects.toMatchObject({
      code: "contract-broken",
      message:
        'The function "plants-link" broke its contract: its result file "result.arrow" is not as Quiver wrote it. A handler ' +
        "must not touch the folder it runs in.",
    });
    expect(functions.leftInSpool()).toEqual([]);
    expect(readdirSync(join(functions.dataDir, "spool", "stages"))).toEqual([]);
  });
});
