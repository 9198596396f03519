import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../../../runtime/store/manifest.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { queryRows } from "../../support/open-loading.ts";
import { openPublishing, type Publishing } from "./publishing.ts";

let demo: Publishing;
beforeAll(async () => {
  demo = await openPublishing();
  await makeDataset({
    dataDir: demo.dataDir,
    name: "large",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 300, dayCount: 2_300 })],
  });
});
afterAll(() => demo.close());

describe("publish()", () => {
  test("writes what invoke gives, sorted, with a manifest that says what it is and where it came from", async () => {
    const { manifest, created } = await demo.publish("rsi-macd", { params: { period: 7 } });
    expect(created).toBe(true);
    const entry = await demo.functions.parts.catalog.get("rsi-macd");
    const { record } = demo.functions.parts.datasets.get("demo");
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
    const dir = join(demo.setDir("rsi-macd"), manifest.version);
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
    expect(demo.current("rsi-macd")).toBe(manifest.version);
    const rows = await demo.functions.invoke({ function: "rsi-macd", params: { period: 7 } });
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
    const first = await demo.publish("returns");
    const again = await demo.publish("returns");
    expect(again.created).toBe(false);
    expect(again.manifest).toEqual(first.manifest);
    const other = await demo.publish("returns", { to: "2024-02-01" });
    expect(other.created).toBe(true);
    expect(demo.current("returns")).toBe(other.manifest.version);
    expect((await demo.publish("returns")).created).toBe(false);
    expect(demo.current("returns")).toBe(first.manifest.version);
    expect(demo.versions("returns")).toHaveLength(2);
  });

  test("of what is published already computes it all the same when asked to, as another version", async () => {
    const first = await demo.publish("symbol-number");
    const request = { function: "symbol-number" };
    const anew = await demo.functions.publish(request, { recompute: true });
    expect(anew.created).toBe(true);
    expect(anew.facts.partitions).toEqual({ count: 1, found: 0 });
    expect(anew.manifest.version).not.toBe(first.manifest.version);
    expect(anew.manifest.fingerprint).toBe(first.manifest.fingerprint);
    expect(anew.manifest.rowChecksum).toBe(first.manifest.rowChecksum);
    expect(demo.current("symbol-number")).toBe(anew.manifest.version);
    expect(demo.versions("symbol-number")).toHaveLength(2);
    expect((await demo.publish("symbol-number")).manifest).toEqual(anew.manifest);
  });

  test("at the same time as the same publishes once", async () => {
    const all = await Promise.all(Array.from({ length: 4 }, () => demo.publish("running-sum")));
    expect(all.filter((one) => one.created)).toHaveLength(1);
    expect(new Set(all.map((one) => one.manifest.version)).size).toBe(1);
    expect(demo.versions("running-sum")).toHaveLength(1);
  });

  test("of something else under the same name is refused without replace", async () => {
    await demo.publish("mean-of-last");
    await expect(demo.publish("mean-of-last", { params: { bars: 6 } })).rejects.toMatchObject({
      code: "feature-set-conflict",
      message:
        'Cannot publish "mean-of-last" of demo: the name holds something else; the parameter "bars" is 5 there and 6 here. ' +
        "Publish under another name with `publish.as`, or set `publish.replace`.",
      facts: { differing: [{ key: "params.bars", was: 5, is: 6 }] },
    });
    await expect(demo.publish("returns", { as: "mean-of-last" })).rejects.toThrow(
      'something else; the function is "mean-of-last" there and "returns" here.',
    );
    await expect(demo.publish("mean-of-last", { symbols: ["S1"] })).rejects.toThrow(
      "something else; the selection of symbols is all of them there and S1 here.",
    );
    await expect(
      demo.publish("mean-of-last", { inputs: { bars: { function: "closes-again" } } }),
    ).rejects.toThrow(
      'something else; the input "bars" is {"dataset":"demo"} there and {"function":"closes-again","params":{}} here.',
    );
    const { manifest } = await demo.publish("mean-of-last", { params: { bars: 6 }, replace: true });
    expect(demo.current("mean-of-last")).toBe(manifest.version);
    expect((await demo.publish("mean-of-last", { params: { bars: 7 }, as: "mean-of-7" })).manifest.name).toBe(
      "mean-of-7",
    );
  });

  test("of new code under the same name is a new version", async () => {
    const write = (value: number) =>
      demo.functions.write(
        "constant/index.ts",
        `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "c", inputs: { bars: { close: float64 } }, outputs: { x: float64 },
  handler(_, out) { out.x.fill(${value}); } });`,
      );
    write(1);
    const first = await demo.publish("constant");
    write(2);
    const second = await demo.publish("constant");
    expect(second.created).toBe(true);
    expect(second.manifest.lineage.codeFingerprint).not.toBe(first.manifest.lineage.codeFingerprint);
    expect(demo.current("constant")).toBe(second.manifest.version);
    expect(demo.versions("constant")).toHaveLength(2);
  });

  test("sees an edit however soon it comes after the last publish", async () => {
    const edit = (value: number) =>
      demo.functions.write(
        "edited/index.ts",
        `import { defineFeature, float64 } from "quiver";
export default defineFeature({ description: "e", inputs: { bars: { close: float64 } }, outputs: { x: float64 },
  handler(_, out) { out.x.fill(${value}); } });`,
      );
    const publishEdited = async () => (await demo.publish("edited")).manifest.version;
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
    demo.functions.write(
      "next-return/index.ts",
      `import { defineFeature, float64, ratio } from "quiver";
export default defineFeature({ description: "looks ahead", kind: "label", inputs: { bars: { close: float64 } }, outputs: { next: ratio },
  handler({ bars: { close } }, out) { for (let i = 0; i + 1 < close.length; i++) out.next[i] = close[i + 1]! / close[i]! - 1; } });`,
    );
    const { manifest } = await demo.publish("next-return");
    expect(manifest.kind).toBe("label");
    expect(demo.current("next-return", "labels")).toBe(manifest.version);
    await expect(demo.publish("returns", { as: "next-return" })).rejects.toThrow(
      'Cannot publish the feature "next-return" of demo: the name holds a label. Publish under another name with `publish.as`.',
    );
  });

  test("of tables over dates writes (symbol, ts) order, and of unkeyed ones and text is refused", async () => {
    await expect(demo.publish("picks-by-date")).rejects.toThrow(
      'Cannot publish "picks-by-date": its table has no column "ts", and published features need a key and an event time. ' +
        "Declare an output `ts`, or invoke the function instead.",
    );
    await expect(demo.publish("market-by-date")).rejects.toThrow(
      'Cannot publish "market-by-date": its output "leader" is text, and published features hold only numbers, booleans and ' +
        "times. Give it as an int32 code, or invoke the function instead.",
    );
    const { manifest } = await demo.publish("whole-summary");
    expect(manifest.rowCount).toBe(4);
    expect(manifest.parts[0]).toMatchObject({ firstSymbol: "S0", lastSymbol: "S3" });
  });

  test("of no rows is a version without parts", async () => {
    const { manifest } = await demo.publish("rank-by-date", { from: "2030-01-01" });
    expect(manifest).toMatchObject({ rowCount: 0, parts: [], firstTs: null, lastTs: null });
  });

  test("under a name that could not be one is refused", async () => {
    await expect(demo.publish("returns", { as: "../x" })).rejects.toThrow(
      'Cannot use "../x" as the name of a feature set: expected lower-case letters, digits and hyphens after a first letter',
    );
  });
});

describe("the row checksum", () => {
  test("is the same on every runtime and machine", async () => {
    const sums = await Promise.all(
      (["rsi-macd", "returns", "every-type", "rank-by-date"] as const).map(
        async (name) => (await demo.publish(name, { as: `sum-of-${name}` })).manifest.rowChecksum,
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
    const { bytes } = await demo.functions.invoke({ function: "rsi-macd" });
    expect(createHash("sha256").update(bytes).digest("hex")).toBe(
      "c2c5d9e895fa86ad172a80a1ce156c64bbba360b49ab577b76dbb3a9f33d940a",
    );
  });

  test("is the same whatever the codec, the parts, and the number of processes", async () => {
    const request = { function: "rsi-macd", dataset: "large" } as const;
    const zstd = await demo.functions.publish({ ...request, as: "zstd" });
    const plain = await demo.functions.publish({ ...request, as: "plain", codec: "uncompressed" });
    const partsOf = ({ parts }: Manifest) => parts.map(({ path }) => path.slice(0, 4)).toSorted();
    // Each process writes its segments, and a file of late rows.
    expect(partsOf(zstd.manifest)).toEqual(["late", "late", "part", "part", "part", "part"]);
    expect(plain.manifest.byteLength).toBeGreaterThan(zstd.manifest.byteLength);
    expect(plain.manifest.rowChecksum).toBe(zstd.manifest.rowChecksum);
    await demo.reopen({ threads: 1 });
    const one = await demo.functions.publish({ ...request, as: "one-process" });
    expect(partsOf(one.manifest)).toEqual(["late", "part", "part", "part"]);
    expect(one.manifest.rowChecksum).toBe(zstd.manifest.rowChecksum);
  });
});
