import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { LONGEST_FILES } from "./longest-first.ts";

test("LONGEST_FILES names files that are there, each once", () => {
  const isThere = (path: string) => existsSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)));
  expect(LONGEST_FILES.filter((path) => !isThere(path))).toEqual([]);
  expect(new Set(LONGEST_FILES).size).toBe(LONGEST_FILES.length);
});
