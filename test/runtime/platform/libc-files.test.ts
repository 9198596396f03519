import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as libcFiles from "../../../runtime/platform/libc-files.ts";

let directory: string;

beforeAll(() => {
  directory = fs.mkdtempSync(join(tmpdir(), "quiver-libc-"));
});

afterAll(() => fs.rmSync(directory, { recursive: true }));

/** What a function returns or how it fails, for comparison with the function it replaces. */
function result(task: () => unknown): unknown {
  try {
    return task();
  } catch (error) {
    const { code, syscall } = error as { code?: string; syscall?: string };
    return { code, syscall };
  }
}

describe("libc-files", () => {
  test("writes and reads as node:fs does, at a position or where it is", () => {
    const content = (files: typeof libcFiles | typeof fs, name: string) => {
      const path = join(directory, name);
      const file = files.openSync(path, "w");
      expect(files.writeSync(file, "ünï")).toBe(5);
      const bytes = Uint8Array.from([0, 65, 66, 67, 0]);
      expect(files.writeSync(file, bytes.subarray(1), 0, 3)).toBe(3);
      expect(files.writeSync(file, bytes, 2, 1, 0)).toBe(1);
      expect(files.writeSync(file, new Float64Array([1, 2]), 8, 8, 100)).toBe(8);
      expect(files.writeSync(file, new Uint8Array(0))).toBe(0);
      files.fsyncSync(file);
      files.closeSync(file);
      const reading = files.openSync(path, "r");
      const into = new Uint8Array(10);
      expect(files.readSync(reading, into, 2, 4, 1)).toBe(4);
      expect(files.readSync(reading, into.subarray(8), 0, 2, null)).toBe(2);
      expect(files.readSync(reading, into, 0, 1, 10_000)).toBe(0);
      files.closeSync(reading);
      return [...fs.readFileSync(path), ...into];
    };
    expect(content(libcFiles, "ours")).toEqual(content(fs, "theirs"));
  });

  test("appends, truncates and refuses to overwrite as node:fs does", () => {
    const path = join(directory, "flags");
    for (const [flags, text] of [
      ["w", "first"],
      ["a", " second"],
      ["r+", "FI"],
    ] as const) {
      const file = libcFiles.openSync(path, flags);
      libcFiles.writeSync(file, text);
      libcFiles.closeSync(file);
    }
    expect(fs.readFileSync(path, "utf8")).toBe("FIrst second");
    expect(result(() => libcFiles.openSync(path, "wx"))).toEqual(result(() => fs.openSync(path, "wx")));
    libcFiles.closeSync(libcFiles.openSync(path, "w"));
    expect(fs.statSync(path).size).toBe(0);
  });

  test("gives a new file the mode that is asked for", () => {
    const path = join(directory, "mode");
    libcFiles.closeSync(libcFiles.openSync(path, "w", 0o600));
    expect(fs.statSync(path).mode & 0o777).toBe(0o600);
  });

  test("makes and removes folders as node:fs does", () => {
    const path = join(directory, "folder");
    libcFiles.mkdirSync(path);
    libcFiles.writeFileSync(join(path, ".hidden"), "text");
    libcFiles.writeFileSync(join(path, "bytes"), Uint8Array.from([1, 2]));
    expect(fs.readFileSync(join(path, ".hidden"), "utf8")).toBe("text");
    expect([...fs.readFileSync(join(path, "bytes"))]).toEqual([1, 2]);
    libcFiles.unlinkSync(join(path, "bytes"));
    expect(fs.readdirSync(path)).toEqual([".hidden"]);
    libcFiles.mkdirSync(join(path, "deep", "deeper"), { recursive: true });
    libcFiles.writeFileSync(join(path, "deep", "file"), "text");
    libcFiles.rmSync(path, { recursive: true, force: true });
    expect(fs.existsSync(path)).toBe(false);
    libcFiles.rmSync(path, { recursive: true, force: true });
    libcFiles.mkdirSync(path);
    libcFiles.rmSync(path, { recursive: true });
    expect(fs.existsSync(path)).toBe(false);
  });

  test.each([
    ["a folder that is there", (files: typeof libcFiles) => files.mkdirSync(directory)],
    ["removing a file that is not there", (files: typeof libcFiles) => files.unlinkSync("/nonexistent/file")],
    [
      "removing what is not there",
      (files: typeof libcFiles) => files.rmSync("/nonexistent", { recursive: true }),
    ],
    [
      "writing where nothing is",
      (files: typeof libcFiles) => files.writeFileSync("/nonexistent/file", "text"),
    ],
    ["a file that is not there", (files: typeof libcFiles) => files.openSync("/nonexistent/file", "r")],
    ["a name with a zero byte", (files: typeof libcFiles) => files.openSync("a\0b", "r")],
    ["a file that is not open", (files: typeof libcFiles) => files.closeSync(99_999)],
    [
      "reading from a file that is not open",
      (files: typeof libcFiles) => files.readSync(99_999, new Uint8Array(1)),
    ],
    [
      "writing to a file that is not open",
      (files: typeof libcFiles) => files.writeSync(99_999, new Uint8Array(1)),
    ],
    ["reading beyond the array", (files: typeof libcFiles) => files.readSync(0, new Uint8Array(1), 0, 2)],
  ])("fails on %s as node:fs does", (_, act) => {
    const expected = result(() => act(fs as unknown as typeof libcFiles));
    expect(result(() => act(libcFiles))).toEqual(expected);
    expect(expected).toMatchObject({ code: expect.any(String) });
  });
});
