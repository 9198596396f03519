import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { executablePath } from "../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../runtime/platform/runtime-facts.ts";
import { figuresTable } from "./support/figures-table.ts";
import { parseOptions } from "./support/options.ts";
import { median, percentile } from "./support/statistics.ts";

const MAIN = fileURLToPath(new URL("main.ts", import.meta.url));
const cacheDir = mkdtempSync(join(tmpdir(), "quiver-bench-test-"));
afterAll(() => rmSync(cacheDir, { recursive: true, force: true }));

function bench(...args: string[]) {
  const run = runtimeName() === "deno" ? ["run", "-A", "--quiet", MAIN] : [MAIN];
  return spawnSync(executablePath(), [...run, "--cache-dir", cacheDir, ...args], { encoding: "utf8" });
}

const isBun = runtimeName() === "bun";
const positive = z.number().positive();
/** What is measured are servers on Bun, whichever runtime measures them: on Deno a few parts are enough. */
const onBun = <T extends z.ZodType>(schema: T) => (isBun ? schema : z.null());
/** What `--json` gives when every part ran; polars alone may be absent. */
const Figures = z.looseObject({
  publishVsDuckdbCopy: positive,
  publishVsDuckdbCopyUncompressed: positive,
  publishVsPolars: positive.nullable(),
  secondPublishMs: onBun(positive),
  editsRerunAsExpected: onBun(z.literal(true)),
  secondFunctionLoadMs: onBun(z.number().nonnegative()),
  freshCallMs: z.object({ p50: positive, p99: positive }),
  freshCallsPerSecond: positive,
  reuseCallMs: z.object({ p50: positive }),
  pssFourChildrenGiB: positive.nullable(),
  publish50mPeakGiB: positive.nullable(),
  publish50mPerRowVs10m: onBun(positive),
  sqlStreamMBps: onBun(positive),
  scale: z.literal("quick"),
  measuredOn: z.object({
    cpu: z.string(),
    cores: positive,
    memoryGiB: positive,
    kernel: z.string(),
    versions: z.record(z.string(), z.string()),
    date: z.iso.date(),
  }),
});

describe("quiver bench", () => {
  test("runs its parts on a small market and gives one object with every key", { timeout: 600_000 }, () => {
    const everywhere = "publish,fresh-calls,reused-calls";
    const parts = isBun
      ? `import,${everywhere},never-twice,columns,shared-memory,large-publish,sql-stream,day-files`
      : everywhere;
    const { status, stdout, stderr } = bench("--quick", "--json", "--only", parts);
    expect(stderr).not.toContain("failed");
    const object: unknown = JSON.parse(stdout);
    expect(JSON.stringify(object)).not.toContain('"failed"');
    expect(() => Figures.parse(object)).not.toThrow();
    expect(status).toBe(0);
  });

  test("refuses a part that there is none of, and names those there are", () => {
    const { status, stderr } = bench("--only", "speed");
    expect(stderr.split("\n")[0]).toBe(
      'Cannot run the part "speed": there are import, publish, append, evenings, never-twice, columns, fresh-calls, reused-calls, ' +
        "shared-memory, large-publish, sql-stream, training-set, day-files, kill, fairness, python, kernels, " +
        "alpha158, groups, catalogue.",
    );
    expect(status).toBe(2);
  });
});

describe("parseOptions()", () => {
  test("refuses an option that there is none of", () => {
    expect(parseOptions(["--fast"], ["publish"])).toBe('Cannot use "--fast": there is no such option.');
  });

  test("takes values after a space and after an equals sign", () => {
    expect(parseOptions(["--", "--only=publish", "--cache-dir", "/tmp/x", "--json"], ["publish"])).toEqual({
      json: true,
      quick: false,
      clean: false,
      only: ["publish"],
      cacheDir: "/tmp/x",
      python: "python3",
    });
  });
});

describe("statistics", () => {
  test("median() takes the middle, percentile() the value below which a share lies", () => {
    expect(median([5, 1, 3])).toBe(3);
    const hundred = Array.from({ length: 100 }, (_, i) => i);
    expect(percentile(hundred, 0.99)).toBe(99);
    expect(percentile([7], 0.99)).toBe(7);
    expect(median([])).toBeNaN();
  });
});

test("figuresTable() marks what fell short", () => {
  const text = figuresTable("publish", [
    { what: "ratio", value: "1.20", bar: "≤ 0.95", good: false },
    { what: "load", value: "3 ms", bar: "≤ 20 ms", good: true },
    { what: "rows", value: "10" },
  ]);
  expect(text.split("\n").map((line) => line.trim().replace(/ {2,}/g, " | "))).toEqual([
    "publish",
    "ratio | 1.20 | ≤ 0.95 | SHORT",
    "load | 3 ms | ≤ 20 ms | ok",
    "rows | 10",
    "",
    "",
  ]);
});
