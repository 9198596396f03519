import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeFacts, runtimeName } from "../../../runtime/platform/runtime-facts.ts";

test("runtimeFacts() and executablePath() name the runtime that a child of ours would run on", () => {
  const printed = execFileSync(executablePath(), ["--version"], { encoding: "utf8" });
  expect(printed).toContain(runtimeFacts().version);
  expect(runtimeName()).toBe("Deno" in globalThis ? "deno" : "bun");
  expect(runtimeFacts().engine).toMatch(/^(V8|JavaScriptCore) \S+/);
});
