import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { executablePath } from "../../../runtime/platform/executable-path.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { PROJECT } from "../../support/run-quiver.ts";

// In a project that has the npm package `deno`, a task's word `deno` is that package's bin, which Deno then tries to
// run as JavaScript: the tasks named it and failed on the binary's first byte.
test("no task of deno.json runs a command named deno, which would be that of the npm package", () => {
  const { tasks } = JSON.parse(readFileSync(join(PROJECT, "deno.json"), "utf8")) as {
    tasks: Record<string, string>;
  };
  expect(Object.keys(tasks)).toEqual(["start", "dev", "quiver", "test"]);
  expect(Object.values(tasks).filter((task) => !task.startsWith("./node_modules/deno/deno run "))).toEqual(
    [],
  );
});

test.skipIf(runtimeName() !== "deno")("deno task runs the command line (Deno only)", () => {
  const { status, stdout } = spawnSync(executablePath(), ["task", "quiver", "--version"], {
    cwd: PROJECT,
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([0, "0.1.0\n"]);
});
