import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, test } from "vitest";
import {
  makeFolderDurably,
  replaceDurably,
  replaceDurablySync,
  syncFileSync,
  writeDurably,
} from "../../../runtime/store/durable-files.ts";

const root = mkdtempSync(join(tmpdir(), "quiver-durable-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));
let dir = "";
beforeEach(() => (dir = mkdtempSync(join(root, "x-"))));

const REPLACES = [
  ["replaceDurably()", replaceDurably],
  [
    "replaceDurablySync()",
    async (...given: Parameters<typeof replaceDurablySync>) => replaceDurablySync(...given),
  ],
] as const;

describe.each(REPLACES)("%s", (_, replace) => {
  test("replaces a file whole and leaves nothing beside it", async () => {
    const path = join(dir, "x.json");
    await replace(path, "old");
    await replace(path, new TextEncoder().encode("né"));
    expect(readFileSync(path, "utf8")).toBe("né");
    expect(readdirSync(dir)).toEqual(["x.json"]);
    syncFileSync(path);
  });

  test("keeps the old file when the new one cannot be written or put in place", async () => {
    const path = join(dir, "x.json");
    await replace(path, "old");
    mkdirSync(`${path}.tmp-${process.pid}`);
    await expect(replace(path, "new")).rejects.toThrow();
    expect(readFileSync(path, "utf8")).toBe("old");
    const blocked = join(dir, "folder");
    mkdirSync(join(blocked, "full"), { recursive: true });
    await expect(replace(blocked, "new")).rejects.toThrow();
    expect(existsSync(join(blocked, "full"))).toBe(true);
    expect(readdirSync(dir).filter((name) => name.startsWith("folder"))).toEqual(["folder"]);
  });
});

test.skipIf(!existsSync("/dev/full"))(
  "writeDurably() names the file that a full disk refuses (needs /dev/full)",
  async () => {
    await expect(writeDurably("/dev/full", "x")).rejects.toMatchObject({
      code: "disk-full",
      message:
        "Cannot write /dev/full: the disk is full. Free some space and try again; what was there before stays as it is.",
      facts: { path: "/dev/full" },
    });
  },
);

test("makeFolderDurably() makes missing parents, and minds none that are there", async () => {
  await makeFolderDurably(join(dir, "a", "b"));
  await makeFolderDurably(join(dir, "a", "b"));
  expect(readdirSync(join(dir, "a"))).toEqual(["b"]);
});
