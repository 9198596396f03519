import { createHash } from "node:crypto";
import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statfsSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../../../runtime/store/manifest.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";
import { queryRows } from "../../support/open-loading.ts";

/** Closes in eighths, so that they are the same on every machine. */
const FIXED = `
  SELECT 'S' || i AS symbol, DATE '2024-01-01' + d::INTEGER AS ts, c::FLOAT AS open, c::FLOAT AS high, c::FLOAT AS low,
         c::FLOAT AS close, 1000::DOUBLE AS volume
  FROM (SELECT i, d, 100 + ((i * 7919 + d * 104729 + d * d * 31) % 1000) / 8 AS c FROM range(4) s(i), range(100) t(d))`;

/** A file system of a few megabytes is the only honest way to a full disk; mounting one needs privileges. */
function canMount(): boolean {
  const dir = mkdtempSync(join(tmpdir(), "quiver-mount-"));
  try {
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", dir], { stdio: "ignore" });
    execFileSync("umount", [dir]);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

let dataDir: string;
let functions: OpenedFunctions;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), "quiver-publish-"));
  await makeDataset({ dataDir, name: "demo", columns: DAILY_COLUMNS, files: [FIXED] });
  await makeDataset({
    dataDir,
    name: "large",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 300, dayCount: 2_300 })],
  });
  functions = await openFunctions({ dataDir });
});
afterAll(async () => {
  await functions.close();
  rmSync(dataDir, { recursive: true, force: true });
});

const publish = (name: string, request: object = {}) => functions.publish({ function: name, ...request });
const setDir = (name: string, kind = "features") => join(dataDir, "demo", kind, name);
const current = (name: string, kind = "features") =>
  (JSON.parse(readFileSync(join(setDir(name, kind), "current.json"), "utf8")) as { version: string }).version;
const versions = (name: string) =>
  readdirSync(setDir(name)).filter((entry) => !entry.startsWith(".") && entry !== "current.json");

describe("publish()", () => {
  test("writes what invoke gives, sorted, with a manifest that says what it is and where it came from", async () => {
    const { manifest, created } = await publish("rsi-macd", { params: { period: 7 } });
    expect(created).toBe(true);
    const entry = await functions.parts.catalog.get("rsi-macd");
    const { record } = functions.parts.datasets.get("demo");
    expect(manifest).toMatchObject({
      formatVersion: 1,
      dataset: "demo",
      name: "rsi-macd",
      kind: "feature",
      tsType: "date32",
      rowCount: 400,
      firstTs: "2024-01-01",
      lastTs: "2024-04-09",
      lineage: {
        function: "rsi-macd",
        codeFingerprint: entry.codeFingerprint,
        params: { period: 7, fast: 12, slow: 26, signal: 9, smoothing: "wilder", seeding: "mean" },
        inputs: [{ input: "bars", dataset: "demo", datasetVersion: record.fingerprint }],
        symbols: null,
        from: null,
        to: null,
        asOf: null,
      },
    });
    expect(manifest.version).toBe(
      `${manifest.publishedAt.replaceAll(/[-:]|\.\d+/g, "")}-${manifest.fingerprint.slice(0, 8)}`,
    );
    expect(manifest.schema.map(({ name, unit, nullCount }) => [name, unit, nullCount])).toEqual([
      ["rsi", "ratio", 4 * 7],
      ["macd", "price", 4 * 25],
      ["macd_signal", "price", 4 * 33],
      ["macd_hist", "price", 4 * 33],
    ]);
    expect(manifest.timings.map((timing) => timing.stage)).toEqual(["resolve", "plan", "run"]);
    const dir = join(setDir("rsi-macd"), manifest.version);
    // The bars of the last week are in a file of their own.
    expect(manifest.parts).toEqual(
      [
        { path: "part-00000.parquet", rowCount: 372 },
        { path: "late-00001.parquet", rowCount: 28 },
      ].map(({ path, rowCount }) => {
        const bytes = readFileSync(join(dir, path));
        const sha256 = createHash("sha256").update(bytes).digest("hex");
        return { path, rowCount, byteLength: bytes.length, sha256, firstSymbol: "S0", lastSymbol: "S3" };
      }),
    );
    expect(JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8"))).toEqual(manifest);
    expect(current("rsi-macd")).toBe(manifest.version);
    const rows = await functions.invoke({ function: "rsi-macd", params: { period: 7 } });
    const { columns: c } = rows;
    const wanted = rows.symbols.map((symbol, i) => [
      symbol,
      Number(rows.ts[i]),
      ...["rsi", "macd", "macd_signal", "macd_hist"].map((name) => c[name]![i]),
    ]);
    const lastDay = Math.max(...rows.ts.map(Number));
    const inFile = async (path: string) => {
      const stored = await queryRows(
        `SELECT symbol, ts - DATE '1970-01-01', rsi, macd, macd_signal, macd_hist FROM read_parquet('${join(dir, path)}')`,
      );
      return stored.map((row) => [row[0], Number(row[1]), ...row.slice(2)]);
    };
    const isLate = (row: readonly unknown[]) => Number(row[1]) > lastDay - 7;
    expect(await inFile("part-00000.parquet")).toEqual(wanted.filter((row) => !isLate(row)));
    expect(await inFile("late-00001.parquet")).toEqual(wanted.filter(isLate));
  });

  test("of what is published already publishes nothing, also after another version was current", async () => {
    const first = await publish("returns");
    const again = await publish("returns");
    expect(again.created).toBe(false);
    expect(again.manifest).toEqual(first.manifest);
    const other = await publish("returns", { to: "2024-02-01" });
    expect(other.created).toBe(true);
    expect(current("returns")).toBe(other.manifest.version);
    expect((await publish("returns")).created).toBe(false);
    expect(current("returns")).toBe(first.manifest.version);
    expect(versions("returns")).toHaveLength(2);
  });

  test("of what is published already computes it all the same when asked to, as another version", async () => {
    const first = await publish("symbol-number");
    const request = { function: "symbol-number" };
    const anew = await functions.publish(request, { recompute: true });
    expect(anew.created).toBe(true);
    expect(anew.facts.partitions).toEqual({ count: 1, found: 0 });
    expect(anew.manifest.version).not.toBe(first.manifest.version);
    expect(anew.manifest.fingerprint).toBe(first.manifest.fingerprint);
    expect(anew.manifest.rowChecksum).toBe(first.manifest.rowChecksum);
    expect(current("symbol-number")).toBe(anew.manifest.version);
    expect(versions("symbol-number")).toHaveLength(2);
    expect((await publish("symbol-number")).manifest).toEqual(anew.manifest);
  });

  test("at the same time as the same publishes once", async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => publish("running-sum")));
    expect(all.filter((one) => one.created)).toHaveLength(1);
    expect(new Set(all.map((one) => one.manifest.version)).size).toBe(1);
    expect(versions("running-sum")).toHaveLength(1);
  });

  test("of something else under the same name is refused without replace", async () => {
    await publish("mean-of-last");
    await expect(publish("mean-of-last", { params: { bars: 6 } })).rejects.toMatchObject({
      code: "feature-set-conflict",
      message:
        'Cannot publish "mean-of-last" of demo: the name holds something else; the parameter "bars" is 5 there and 6 here. ' +
        "Publish under another name with `publish.as`, or set `publish.replace`.",
      facts: { differing: [{ key: "params.bars", was: 5, is: 6 }] },
    });
    await expect(publish("returns", { as: "mean-of-last" })).rejects.toThrow(
      'something else; the function is "mean-of-last" there and "returns" here.',
    );
    await expect(publish("mean-of-last", { symbols: ["S1"] })).rejects.toThrow(
      "something else; the selection of symbols is all of them there and S1 here.",
    );
    await expect(publish("mean-of-last", { inputs: { bars: { function: "closes-again" } } })).rejects.toThrow(
      'something else; the input "bars" is {"dataset":"demo"} there and {"function":"closes-again","params":{}} here.',
    );
    const { manifest } = await publish("mean-of-last", { params: { bars: 6 }, replace: true });
    expect(current("mean-of-last")).toBe(manifest.version);
    expect((await publish("mean-of-last", { params: { bars: 7 }, as: "mean-of-7" })).manifest.name).toBe(
      "mean-of-7",
    );
  });

  test("of new code under the same name is a new version", async () => {
    const write = (value: number) =>
      functions.write(
        "constant/index.ts",
        `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "c", inputs: { bars: { close: float64 } }, outputs: { x: float64 },
  handler(_, out) { out.x.fill(${value}); } });`,
      );
    write(1);
    const first = await publish("constant");
    write(2);
    const second = await publish("constant");
    expect(second.created).toBe(true);
    expect(second.manifest.lineage.codeFingerprint).not.toBe(first.manifest.lineage.codeFingerprint);
    expect(current("constant")).toBe(second.manifest.version);
    expect(versions("constant")).toHaveLength(2);
  });

  test("sees an edit however soon it comes after the last publish", async () => {
    const edit = (value: number) =>
      functions.write(
        "edited/index.ts",
        `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "e", inputs: { bars: { close: float64 } }, outputs: { x: float64 },
  handler(_, out) { out.x.fill(${value}); } });`,
      );
    const publishEdited = async () => (await publish("edited")).manifest.version;
    edit(22);
    const edited = await publishEdited();
    for (let i = 0; i < 10; i++) {
      edit(1);
      // A bundle of files that are older than a moment is used again.
      await sleep(30);
      const before = await publishEdited();
      // Nothing changed, so this takes a moment itself: once, files were not looked at again so soon.
      expect(await publishEdited()).toBe(before);
      edit(22);
      expect(await publishEdited()).toBe(edited);
    }
  });

  test("of a label keeps it apart, and its name from features", async () => {
    functions.write(
      "next-return/index.ts",
      `import { defineFeature, float64, ratio } from "quiver";
export default defineFeature({ description: "looks ahead", kind: "label", inputs: { bars: { close: float64 } }, outputs: { next: ratio },
  handler({ bars: { close } }, out) { for (let i = 0; i + 1 < close.length; i++) out.next[i] = close[i + 1]! / close[i]! - 1; } });`,
    );
    const { manifest } = await publish("next-return");
    expect(manifest.kind).toBe("label");
    expect(current("next-return", "labels")).toBe(manifest.version);
    await expect(publish("returns", { as: "next-return" })).rejects.toThrow(
      'Cannot publish the feature "next-return" of demo: the name holds a label. Publish under another name with `publish.as`.',
    );
  });

  test("of tables over dates writes (symbol, ts) order, and of unkeyed ones and text is refused", async () => {
    await expect(publish("picks-by-date")).rejects.toThrow(
      'Cannot publish "picks-by-date": its table has no column "ts", and published features need a key and an event time. ' +
        "Declare an output `ts`, or invoke the function instead.",
    );
    await expect(publish("market-by-date")).rejects.toThrow(
      'Cannot publish "market-by-date": its output "leader" is text, and published features hold only numbers, booleans and ' +
        "times. Give it as an int32 code, or invoke the function instead.",
    );
    const { manifest } = await publish("whole-summary");
    expect(manifest.rowCount).toBe(4);
    expect(manifest.parts[0]).toMatchObject({ firstSymbol: "S0", lastSymbol: "S3" });
  });

  test("of no rows is a version without parts", async () => {
    const { manifest } = await publish("rank-by-date", { from: "2030-01-01" });
    expect(manifest).toMatchObject({ rowCount: 0, parts: [], firstTs: null, lastTs: null });
  });

  test("under a name that could not be one is refused", async () => {
    await expect(publish("returns", { as: "../x" })).rejects.toThrow(
      'Cannot use "../x" as the name of a feature set: expected lower-case letters, digits and hyphens after a first letter',
    );
  });
});

describe("a publish that fails", () => {
  const dying = (statement: string) =>
    functions.write(
      "dies/index.ts",
      `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "d", inputs: { bars: { close: float64 } }, outputs: { x: float64 },
  handler(_, out, { symbol }) { if (symbol === "S2") ${statement}; out.x.fill(1); } });`,
    );

  test.each([
    ["throws", 'throw new Error("no")', "function-threw"],
    ["exits", "process.exit(1)", "function-exited"],
  ])("because a worker %s leaves the old version and nothing else", async (_, statement, code) => {
    dying("{}");
    const before = await publish("dies");
    dying(statement);
    await expect(publish("dies")).rejects.toMatchObject({ code });
    expect(current("dies")).toBe(before.manifest.version);
    expect(versions("dies")).toEqual([before.manifest.version]);
    expect(readdirSync(join(setDir("dies"), ".staging"))).toEqual([]);
    expect(functions.leftInSpool()).toEqual([]);
    expect(functions.records.at(-1)).toMatchObject({ kind: "publish", outcome: code, function: "dies" });
  });

  test("because it was cancelled leaves nothing", async () => {
    dying('{ console.log("spinning"); for (;;); }');
    const abort = new AbortController();
    const running = functions.publish(
      { function: "dies", as: "cancelled" },
      { signal: abort.signal, onLog: () => abort.abort() },
    );
    await expect(running).rejects.toMatchObject({ code: "invocation-cancelled" });
    expect(readdirSync(setDir("cancelled"))).toEqual([".staging"]);
    expect(functions.leftInSpool()).toEqual([]);
  });

  test.skipIf(!canMount())(
    "because the disk is full is told as that, leaves nothing, and works once there is room (needs mount)",
    async () => {
      const disk = mkdtempSync(join(tmpdir(), "quiver-full-disk-"));
      execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m", "tmpfs", disk]);
      try {
        await makeDataset({
          dataDir: disk,
          name: "demo",
          columns: DAILY_COLUMNS,
          files: [dailyBarsSql({ symbolCount: 40, dayCount: 5_000 })],
        });
        const other = await openFunctions({ dataDir: disk });
        try {
          await other.invoke({ function: "rsi-macd" });
          const filler = join(disk, "filler");
          const { bavail, bsize } = statfsSync(disk);
          writeFileSync(filler, new Uint8Array(Math.max(0, bavail * bsize - 1_000_000)));
          await expect(other.publish({ function: "rsi-macd" })).rejects.toMatchObject({
            code: "disk-full",
            message: expect.stringMatching(/disk .*is full/),
          });
          expect(other.leftInSpool()).toEqual([]);
          expect(readdirSync(join(disk, "demo/features/rsi-macd"))).toEqual([".staging"]);
          rmSync(filler);
          expect((await other.publish({ function: "rsi-macd" })).created).toBe(true);
        } finally {
          await other.close();
        }
      } finally {
        execFileSync("umount", [disk]);
        rmSync(disk, { recursive: true });
      }
    },
  );

  test("never lets anybody see a current version that is not whole", async () => {
    await publish("closes-again", { to: "2024-01-02" });
    let done = false;
    let looks = 0;
    const watch = (async () => {
      while (!done) {
        const dir = join(setDir("closes-again"), current("closes-again"));
        const manifest = JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")) as Manifest;
        for (const part of manifest.parts) {
          expect(readFileSync(join(dir, part.path)).length).toBe(part.byteLength);
        }
        looks++;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (const day of ["03", "04", "05", "06"]) await publish("closes-again", { to: `2024-01-${day}` });
    done = true;
    await watch;
    expect(looks).toBeGreaterThan(10);
  });
});

describe("the row checksum", () => {
  test("is the same on every runtime and machine", async () => {
    const sums = await Promise.all(
      (["rsi-macd", "returns", "every-type", "rank-by-date"] as const).map(
        async (name) => (await publish(name, { as: `sum-of-${name}` })).manifest.rowChecksum,
      ),
    );
    expect(sums).toEqual([
      "162db02b66a0742e9b77dee534bf05855c34c6447c5b81699e7c6307174c61a1",
      "c7e34be5adba884155f3c06df613f97cdb32876ebf8ff31b4a965fc4273b181c",
      "9c9ebe6cc1dd2544d21d5d2278d48b510408852d60d3c2424f5f48766bd30802",
      "d016173db211243831504bd917dfad216acc85be5ea28914634d20c91d6c7139",
    ]);
  });

  test("and the bytes of an Arrow answer, are the same on every runtime", async () => {
    const { bytes } = await functions.invoke({ function: "rsi-macd" });
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(
      "c2c5d9e895fa86ad172a80a1ce156c64bbba360b49ab577b76dbb3a9f33d940a",
    );
  });

  test("is the same whatever the codec, the parts, and the number of processes", async () => {
    const request = { function: "rsi-macd", dataset: "large" } as const;
    const zstd = await functions.publish({ ...request, as: "zstd" });
    const plain = await functions.publish({ ...request, as: "plain", codec: "uncompressed" });
    const partsOf = ({ parts }: Manifest) => parts.map(({ path }) => path.slice(0, 4)).toSorted();
    // Each process writes its segments, and a file of late rows.
    expect(partsOf(zstd.manifest)).toEqual(["late", "late", "part", "part", "part", "part"]);
    expect(plain.manifest.byteLength).toBeGreaterThan(zstd.manifest.byteLength);
    expect(plain.manifest.rowChecksum).toBe(zstd.manifest.rowChecksum);
    await functions.close();
    functions = await openFunctions({ dataDir, settings: { threads: 1 } });
    const one = await functions.publish({ ...request, as: "one-process" });
    expect(partsOf(one.manifest)).toEqual(["late", "part", "part", "part"]);
    expect(one.manifest.rowChecksum).toBe(zstd.manifest.rowChecksum);
  });
});

describe("what a process that died has left", () => {
  test("is removed at the next start, and what is published stays", async () => {
    const { manifest } = await publish("returns", { as: "survivor" });
    const staging = join(setDir("survivor"), ".staging", "abc");
    mkdirSync(staging, { recursive: true });
    writeFileSync(join(staging, "part-00000.parquet"), "half");
    writeFileSync(join(setDir("survivor"), "current.json.tmp-1"), "{");
    const spool = join(dataDir, "spool");
    for (const dir of ["out", "stages"]) {
      mkdirSync(join(spool, dir, "dead"), { recursive: true });
      writeFileSync(join(spool, dir, "dead", "result.arrow"), "half");
    }
    await functions.close();
    functions = await openFunctions({ dataDir });
    expect(readdirSync(setDir("survivor")).toSorted()).toEqual([manifest.version, "current.json"].toSorted());
    expect(current("survivor")).toBe(manifest.version);
    expect(functions.leftInSpool()).toEqual([]);
    expect((await publish("returns", { as: "survivor" })).created).toBe(false);
  });

  test("and a version whose part is missing is published anew", async () => {
    const first = await publish("returns", { as: "damaged" });
    rmSync(join(setDir("damaged"), first.manifest.version, "part-00000.parquet"));
    const second = await publish("returns", { as: "damaged" });
    expect(second.created).toBe(true);
    expect(second.manifest.rowChecksum).toBe(first.manifest.rowChecksum);
    expect(current("damaged")).toBe(second.manifest.version);
  });
});
