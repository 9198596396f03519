import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { invoke, open, publish, sql } from "quiver/runtime";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { lockDataDir, lockOwner } from "../../../runtime/store/data-lock.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { PROJECT, startQuiver } from "../../support/run-quiver.ts";

let root = "";
let data = "";
let functions = "";
const printed: string[] = [];
const where = () => ({ data, functions, settings: { threads: 2, childrenMax: 2 }, onLog: quiet });
const quiet = (text: string) => printed.push(text);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-embed-"));
  data = join(root, "data");
  functions = join(root, "functions");
  for (const name of ["returns", "rsi-macd"]) {
    cpSync(join(PROJECT, "functions", name), join(functions, name), { recursive: true });
  }
  mkdirSync(join(functions, "slow"));
  writeFileSync(join(functions, "slow", "index.ts"), SLOW);
  const bars = dailyBarsSql({ symbolCount: 5, dayCount: 60 });
  await makeDataset({ dataDir: data, name: "demo", columns: DAILY_COLUMNS, files: [bars] });
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

const SLOW = `import { defineFeature, float64 } from "quiver";
export default defineFeature({
  description: "Never ends",
  inputs: { bars: { close: float64 } },
  outputs: { x: float64 },
  handler() {
    console.log("thinking");
    for (;;);
  },
});`;

/** The rows of a table by symbol, as plain values. */
function closes(table: Awaited<ReturnType<typeof invoke>>, column: string) {
  return table.toArray().map((row) => [String(row["symbol"]), Number(row["ts"]), row[column] as unknown]);
}

/** Waits until the data directory is released: what calls share is closed shortly after the last of them. */
async function atRest() {
  const lock = await lockDataDir(data, "test", 20_000);
  lock.release();
}

describe("invoke() in this process", () => {
  test("gives the rows as an Arrow table, with progress, and shares what it opens with calls beside it", async () => {
    const stages: string[] = [];
    const call = { ...where(), symbols: ["S000001", "S000003"], from: "2023-12-20" };
    const [rows, returns, counted] = await Promise.all([
      invoke("rsi-macd", {
        ...call,
        params: { period: 5 },
        onProgress: ({ stage, rowsDone }) => stages.push(`${stage} ${rowsDone}`),
      }),
      // A separate second opening would find the data directory in use.
      invoke("returns", call),
      sql("select count(*)::int as n from demo.bars", where()),
    ]);
    expect(rows.schema.fields.map(({ name }) => name)).toEqual([
      "symbol",
      "ts",
      "rsi",
      "macd",
      "macd_signal",
      "macd_hist",
    ]);
    expect(String(rows.schema.fields[0]?.type)).toBe("Dictionary<Int32, Utf8>");
    expect(returns.numRows).toBe(rows.numRows);
    expect(new Set(closes(rows, "rsi").map(([symbol]) => symbol))).toEqual(new Set(["S000001", "S000003"]));
    expect(closes(rows, "rsi").at(-1)?.[2]).toBeTypeOf("number");
    expect(stages.length).toBeGreaterThan(0);
    expect(counted.getChild("n")?.get(0)).toBeGreaterThan(rows.numRows);
    await atRest();
  });

  test("publishes a version, and finds it the second time", async () => {
    const first = await publish("rsi-macd", { ...where(), as: "momentum" });
    const again = await publish("rsi-macd", { ...where(), as: "momentum" });
    expect([first.created, again.created]).toEqual([true, false]);
    expect(again.version).toBe(first.version);
    const kept = await sql("select count(*)::int as n from demo.momentum", where());
    expect(kept.getChild("n")?.get(0)).toBe(first.rowCount);
    await atRest();
  });

  test.each([
    [
      "a function that is not there",
      "rsi-mcd",
      {},
      "not-found",
      /^Cannot find the function "rsi-mcd": there are returns, rsi-macd, slow\. Did you mean "rsi-macd"\?/,
    ],
    [
      "a symbol that is not there",
      "rsi-macd",
      { symbols: ["NOPE"] },
      "unknown-symbol",
      /^Cannot find the symbol "NOPE" in the dataset "demo", which has 5 symbols\./,
    ],
    ["a time that is none", "rsi-macd", { from: "soon" }, "invalid-time", /"soon"/],
    [
      "a field that is not there",
      "rsi-macd",
      { symbol: ["S000001"] },
      "request-malformed",
      'Unknown field "symbol" in the call. Did you mean "symbols"? Known: dataset, params, symbols, from, to, asOf, inputs, data, functions, settings, onLog, signal, onProgress, recompute.',
    ],
  ])("refuses %s with its code and a sentence", async (_, name, call, code, message) => {
    const refusal = invoke(name, { ...where(), ...call });
    await expect(refusal).rejects.toMatchObject({ code, message: expect.stringMatching(asPattern(message)) });
  });

  test("refuses a data directory that is not there, and tries again the next time", async () => {
    const missing = join(root, "later");
    const call = { ...where(), data: missing };
    await expect(sql("select 1", call)).rejects.toMatchObject({
      code: "data-dir-missing",
      message: `Cannot find the data directory ${missing}: it does not exist. "quiver import <dataset> <files…>" or "npm run demo" creates it; name another with \`data\`.`,
    });
    const bars = dailyBarsSql({ symbolCount: 1, dayCount: 3 });
    await makeDataset({ dataDir: missing, name: "demo", columns: DAILY_COLUMNS, files: [bars] });
    expect((await sql("select 1 as one", call)).numRows).toBe(1);
  });

  test("refuses a data directory that another process writes to", async () => {
    await atRest();
    const lock = await lockDataDir(data, "import", 0);
    try {
      const call = { ...where(), settings: { lockWaitMs: 0 } };
      await expect(invoke("rsi-macd", call)).rejects.toMatchObject({
        code: "data-dir-in-use",
        message: `Cannot write to the data directory ${data}: process ${process.pid} (quiver import) is writing to it. Wait for it or stop it, or give another directory with --data.`,
      });
    } finally {
      lock.release();
    }
  });

  test("refuses an unknown field with all that publish() and sql() know", async () => {
    const stored = { ...where(), nme: "rsi" };
    await expect(publish("rsi-macd", stored)).rejects.toMatchObject({
      code: "request-malformed",
      message:
        'Unknown field "nme" in the call. Known: dataset, params, symbols, from, to, asOf, inputs, as, replace, codec, compressionLevel, data, functions, settings, onLog, signal, onProgress, recompute.',
    });
    const limited = { ...where(), limt: 1 };
    await expect(sql("select 1", limited)).rejects.toMatchObject({
      code: "request-malformed",
      message:
        'Unknown field "limt" in the call. Did you mean "limit"? Known: limit, data, functions, settings, onLog, signal.',
    });
  });

  // It used to be an AbortError if the signal came before the work, and this error if it came later.
  test.each(["rsi-macd", "slow"])("says that %s was cancelled where its signal came first", async (name) => {
    const call = invoke(name, { ...where(), signal: AbortSignal.abort() });
    await expect(call).rejects.toMatchObject({
      code: "invocation-cancelled",
      message: `The invocation of "${name}" was cancelled.`,
    });
    await atRest();
  });

  test("stops when its signal says so, and leaves nothing running", async () => {
    const caller = new AbortController();
    const call = invoke("slow", {
      ...where(),
      signal: caller.signal,
      onLog: () => {
        caller.abort();
      },
    });
    await expect(call).rejects.toMatchObject({ code: "invocation-cancelled" });
    await atRest();
  });
});

describe("open()", () => {
  test("keeps the data directory until it is closed, however often", async () => {
    await using quiver = await open(where());
    expect(quiver.where).toBe("here");
    const { functions: there } = await quiver.functions();
    expect(there.map(({ name }) => name)).toEqual(["returns", "rsi-macd", "slow"]);
    expect((await quiver.datasets()).map(({ name }) => name)).toEqual(["demo"]);
    expect(lockOwner(data)).toMatchObject({ pid: process.pid, command: "in a script" });
    await Promise.all([quiver.close(), quiver.close()]);
    expect(lockOwner(data)).toBeUndefined();
  });

  test("uses a live server where one has the data directory", async () => {
    const server = startQuiver([
      "start",
      "--port",
      "0",
      "--data",
      data,
      "--functions",
      functions,
      "--token",
      "s3cret",
    ]);
    await server.outputs(/on (http:\/\/127\.0\.0\.1:\d+)/);
    try {
      await using quiver = await open(where());
      expect(quiver.where).toBe("server");
      const there = await quiver.invoke("rsi-macd", { symbols: ["S000004"] });
      const shared = await invoke("rsi-macd", { ...where(), symbols: ["S000004"] });
      expect(closes(shared, "rsi")).toEqual(closes(there, "rsi"));
      expect(there.numRows).toBeGreaterThan(0);
      await expect(quiver.invoke("rsi-macd", { symbols: ["NOPE"] })).rejects.toMatchObject({
        code: "unknown-symbol",
      });
    } finally {
      server.kill("SIGTERM");
      await server.ended;
    }
  });
});

test("docs/examples/in-process.ts computes and ends by itself", async () => {
  await atRest();
  const prefix = runtimeName() === "deno" ? ["run", "-A", "--quiet"] : [];
  const script = spawn(executablePath(), [...prefix, "docs/examples/in-process.ts"], {
    cwd: PROJECT,
    env: { ...process.env, QUIVER_DATA: data, QUIVER_FUNCTIONS: functions },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = { out: "", err: "" };
  script.stdout.on("data", (chunk: Buffer) => (text.out += chunk.toString()));
  script.stderr.on("data", (chunk: Buffer) => (text.err += chunk.toString()));
  const [code] = await once(script, "close");
  expect([code, text.out]).toEqual([
    0,
    expect.stringMatching(
      /^rsi-macd: (\d+) rows of symbol, ts, rsi, macd, macd_signal, macd_hist\nreturns since June: \1 rows\nbars: \1\n$/,
    ),
  ]);
  expect(text.err).toMatch(/ of \d+ rows\n/);
  expect(lockOwner(data)).toBeUndefined();
});

function asPattern(message: string | RegExp): RegExp {
  return message instanceof RegExp
    ? message
    : new RegExp(`^${message.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")}$`);
}
