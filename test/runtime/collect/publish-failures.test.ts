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
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Manifest } from "../../../runtime/store/manifest.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { openFunctions } from "../../support/open-functions.ts";
import { openPublishing, type Publishing } from "./publishing.ts";

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

let demo: Publishing;
beforeAll(async () => {
  demo = await openPublishing();
});
afterAll(() => demo.close());

describe("a publish that fails", () => {
  const dying = (statement: string) =>
    demo.functions.write(
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
    const before = await demo.publish("dies");
    dying(statement);
    await expect(demo.publish("dies")).rejects.toMatchObject({ code });
    expect(demo.current("dies")).toBe(before.manifest.version);
    expect(demo.versions("dies")).toEqual([before.manifest.version]);
    expect(readdirSync(join(demo.setDir("dies"), ".staging"))).toEqual([]);
    expect(demo.functions.leftInSpool()).toEqual([]);
    expect(demo.functions.records.at(-1)).toMatchObject({ kind: "publish", outcome: code, function: "dies" });
  });

  test("because it was cancelled leaves nothing", async () => {
    dying('{ console.log("spinning"); for (;;); }');
    const abort = new AbortController();
    const running = demo.functions.publish(
      { function: "dies", as: "cancelled" },
      { signal: abort.signal, onLog: () => abort.abort() },
    );
    await expect(running).rejects.toMatchObject({ code: "invocation-cancelled" });
    expect(readdirSync(demo.setDir("cancelled"))).toEqual([".staging"]);
    expect(demo.functions.leftInSpool()).toEqual([]);
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
    await demo.publish("closes-again", { to: "2024-01-02" });
    let done = false;
    let looks = 0;
    const watch = (async () => {
      while (!done) {
        const dir = join(demo.setDir("closes-again"), demo.current("closes-again"));
        const manifest = JSON.parse(readFileSync(join(dir, "manifest.json"), "utf8")) as Manifest;
        for (const part of manifest.parts) {
          expect(readFileSync(join(dir, part.path)).length).toBe(part.byteLength);
        }
        looks++;
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    for (const day of ["03", "04", "05", "06"]) await demo.publish("closes-again", { to: `2024-01-${day}` });
    done = true;
    await watch;
    expect(looks).toBeGreaterThan(10);
  });
});

describe("what a process that died has left", () => {
  test("is removed at the next start, and what is published stays", async () => {
    const { manifest } = await demo.publish("returns", { as: "survivor" });
    const staging = join(demo.setDir("survivor"), ".staging", "abc");
    mkdirSync(staging, { recursive: true });
    writeFileSync(join(staging, "part-00000.parquet"), "half");
    writeFileSync(join(demo.setDir("survivor"), "current.json.tmp-1"), "{");
    const spool = join(demo.dataDir, "spool");
    for (const dir of ["out", "stages"]) {
      mkdirSync(join(spool, dir, "dead"), { recursive: true });
      writeFileSync(join(spool, dir, "dead", "result.arrow"), "half");
    }
    await demo.reopen();
    expect(readdirSync(demo.setDir("survivor")).toSorted()).toEqual(
      [manifest.version, "current.json"].toSorted(),
    );
    expect(demo.current("survivor")).toBe(manifest.version);
    expect(demo.functions.leftInSpool()).toEqual([]);
    expect((await demo.publish("returns", { as: "survivor" })).created).toBe(false);
  });

  test("and a version whose part is missing is published anew", async () => {
    const first = await demo.publish("returns", { as: "damaged" });
    rmSync(join(demo.setDir("damaged"), first.manifest.version, "part-00000.parquet"));
    const second = await demo.publish("returns", { as: "damaged" });
    expect(second.created).toBe(true);
    expect(second.manifest.rowChecksum).toBe(first.manifest.rowChecksum);
    expect(demo.current("damaged")).toBe(second.manifest.version);
  });
});
