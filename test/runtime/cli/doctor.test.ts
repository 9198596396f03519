import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { doctorChecks } from "../../../runtime/cli/doctor-checks.ts";
import { settingsWith } from "../../support/settings-with.ts";
import { sharedChildren } from "../../support/shared-children.ts";

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "quiver-doctor-test-"));
});
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

test("doctor tries a child and an engine without touching the data directory", async () => {
  const data = join(root, "data");
  mkdirSync(data);
  const findings = await doctorChecks(settingsWith({ ...sharedChildren(), data }));
  expect(findings.map(({ what }) => what)).toEqual(["input files", "isolation of functions", "engine"]);
  expect(findings.filter(({ verdict }) => verdict === "problem")).toEqual([]);
  expect(readdirSync(data)).toEqual([]);
});

test("doctor builds the children's program where --child-cache says, and reports what is wrong there", async () => {
  const childCache = join(root, "a-file");
  writeFileSync(childCache, "");
  const findings = await doctorChecks(settingsWith({ childCache }));
  const isolation = findings.find(({ what }) => what === "isolation of functions");
  expect(isolation).toMatchObject({ verdict: "problem", detail: expect.stringContaining(childCache) });
});
