import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { spawnSync } from "node:child_process";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { directoryBytes } from "../../../runtime/process/measure-directory.ts";
import {
  privateMemory,
  privateMemoryOfTree,
  residentMemoryOfGroup,
  sumOfGroup,
} from "../../../runtime/process/measure-memory.ts";
import { outOfMemoryEvidence } from "../../../runtime/process/out-of-memory.ts";

let directory: string;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "quiver-measure-"));
});

afterEach(() => rmSync(directory, { recursive: true }));

describe("directoryBytes()", () => {
  test("counts a sparse file by its length, and a small one by its blocks", () => {
    writeFileSync(join(directory, "sparse"), "");
    truncateSync(join(directory, "sparse"), 10_000_000);
    expect(directoryBytes(directory)).toBe(10_000_000);
    writeFileSync(join(directory, "small"), "x");
    expect(directoryBytes(directory)).toBeGreaterThanOrEqual(10_000_001);
  });

  test("counts what lies deeper, and does not follow links", () => {
    mkdirSync(join(directory, "a", "b"), { recursive: true });
    writeFileSync(join(directory, "a", "b", "file"), new Uint8Array(100_000));
    symlinkSync("/", join(directory, "a", "root"));
    expect(directoryBytes(directory)).toBeGreaterThanOrEqual(100_000);
    expect(directoryBytes(directory)).toBeLessThan(200_000);
  });

  test("is nothing for a directory that is not there", () => {
    expect(directoryBytes(join(directory, "absent"))).toBe(0);
  });
});

describe.skipIf(process.platform !== "linux")("privateMemory()", () => {
  test("counts what was allocated and touched", () => {
    const before = privateMemory(process.pid);
    const block = new Uint8Array(64 * 1024 * 1024);
    for (let at = 0; at < block.length; at += 4096) block[at] = 1;
    expect(privateMemory(process.pid) - before).toBeGreaterThan(60 * 1024 * 1024);
    expect(privateMemoryOfTree(process.pid) - before).toBeGreaterThan(60 * 1024 * 1024);
    expect(block[0]).toBe(1);
  });

  test("is nothing for a process that is gone", () => {
    expect(privateMemory(2 ** 22 + 1)).toBe(0);
    expect(privateMemoryOfTree(2 ** 22 + 1)).toBe(0);
  });
});

describe("residentMemoryOfGroup()", () => {
  test("sums the group's lines of what ps prints", () => {
    const listing = "    1   900\n 4242  1000\n 4242   500\n4243 7\n\n";
    expect(sumOfGroup(listing, 4242)).toBe(1_536_000);
    expect(sumOfGroup(listing, 5)).toBe(0);
  });

  test("is nothing for a group that is not there", async () => {
    expect(await residentMemoryOfGroup(2 ** 22 + 1)).toBe(0);
  });
});

describe("outOfMemoryEvidence()", () => {
  const never = Number.MAX_SAFE_INTEGER;

  test.each([
    ["V8 under Deno", "SIGTRAP", "Fatal JavaScript out of memory: Reached heap limit"],
    ["V8", "SIGABRT", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"],
    ["JavaScriptCore", "SIGABRT", "panic: out of memory"],
  ])("takes the words of %s for the runtime's", (_, signal, words) => {
    expect(outOfMemoryEvidence({ code: null, signal }, words, never)).toBe("runtime");
  });

  test.skipIf(runtimeName() !== "deno")("takes a full heap of this runtime for the runtime's", () => {
    const code = "const kept = []; for (;;) kept.push({ at: kept.length, more: [kept.length] });";
    const args = ["eval", "--v8-flags=--max-old-space-size=40", code];
    const { status, signal, stderr } = spawnSync(executablePath(), args, { encoding: "utf8" });
    expect(outOfMemoryEvidence({ code: status, signal }, stderr, never)).toBe("runtime");
  });

  test("takes neither an abort without the words nor the words without an abort for it", () => {
    expect(outOfMemoryEvidence({ code: null, signal: "SIGABRT" }, "assertion failed", never)).toBeUndefined();
    expect(outOfMemoryEvidence({ code: 1, signal: null }, "heap out of memory", never)).toBeUndefined();
  });

  test("takes a kill for the system's only where the system counted one", () => {
    expect(outOfMemoryEvidence({ code: null, signal: "SIGKILL" }, "", never)).toBeUndefined();
    if (process.platform !== "linux") return;
    expect(outOfMemoryEvidence({ code: null, signal: "SIGKILL" }, "", -1)).toBe("system");
  });
});
