import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { originalStack } from "../../../runtime/catalog/original-stack.ts";

let root = "";
let module = "";
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "quiver-stack-"));
  module = join(root, "module.mjs");
  // Line n of the module is line n of the author's file.
  const map = { version: 3, sources: ["/f/rsi/index.ts"], names: [], mappings: "AAAA;AACA;AACA" };
  writeFileSync(`${module}.map`, JSON.stringify(map));
});
afterAll(() => {
  rmSync(root, { recursive: true });
});

test.each([
  ["Bun", (place: string) => place, "/$bunfs/quiver-child:15488:67"],
  ["Deno", (place: string) => `file://${place}`, "file:///data/spool/child/child-deno-0b/main.js:3:22847"],
])("a stack of %s names the author's file, and not the process that called it", (_, url, internal) => {
  const stack = [
    "RangeError: no",
    "  such thing",
    `    at requirePeriod (${internal})`,
    `    at helper (${url(module)}:3:1)`,
    "    at map (native)",
    `    at handler (${url(module)}:1:1)`,
    `    at runTable (${internal})`,
    "    at processTicks (native)",
  ].join("\n");
  expect(originalStack(stack, module).split("\n")).toEqual([
    "RangeError: no",
    "  such thing",
    "    at helper (/f/rsi/index.ts:3:1)",
    "    at map (native)",
    "    at handler (/f/rsi/index.ts:1:1)",
  ]);
});

test("a stack without a frame of the author's stays as it is: it tells of a fault of ours", () => {
  const stack = `Error: no\n    at runTable (/$bunfs/quiver-child:1:2)`;
  expect(originalStack(stack, module)).toBe(stack);
});
