import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { checkFunctions } from "../../../runtime/check/check-functions.ts";
import { CHECK_NAMES, type CheckReport, offenceText } from "../../../runtime/check/verdict.ts";
import { runtimeName } from "../../../runtime/platform/runtime-facts.ts";
import { settingsWith } from "../../support/settings-with.ts";
import { wire } from "../../../runtime/wire.ts";
import { sharedChildren } from "../../support/shared-children.ts";
import { SHIPPED_FUNCTIONS } from "../../support/shipped-functions.ts";

const FUNCTIONS = fileURLToPath(new URL("../../../functions", import.meta.url));

/**
 * On Bun, the suite checks every function; each check also computes it on Deno and compares the bits. On Deno, one
 * function of each shape shows that the check works there.
 */
const NAMES: readonly string[] =
  runtimeName() === "bun"
    ? SHIPPED_FUNCTIONS
    : ["cross-section", "labels", "resample", "returns", "rsi-macd"];

let reports: ReadonlyMap<string, CheckReport>;

beforeAll(async () => {
  const checked = await checkFunctions({
    settings: settingsWith({ functions: FUNCTIONS, ...sharedChildren() }),
    wire: (options) => wire({ ...options, version: "0" }),
    names: NAMES,
    onLog: () => undefined,
  });
  reports = new Map(checked.map((report) => [report.function, report]));
}, 600_000);

describe.each(NAMES)("%s", (name) => {
  test("check() finds nothing wrong", () => {
    const report = reports.get(name);
    expect(report?.verdicts.map(({ check }) => check)).toEqual(CHECK_NAMES);
    const failures = report?.verdicts
      .filter(({ outcome }) => outcome === "failed")
      .map(({ check, detail, offence }) => [check, detail, offence && offenceText(offence)]);
    expect(failures).toEqual([]);
  });

  test("check() finds the same bits on Bun and on Deno", () => {
    const verdict = reports.get(name)?.verdicts.find(({ check }) => check === "determinism");
    expect(verdict?.detail).toMatch(/^the same bits twice on (bun and on deno|deno and on bun)$/);
  });
});

test("check() tells labels from features by what they read, and finds no other labels", () => {
  const labels = [...reports.values()]
    .filter(({ kind }) => kind === "label")
    .map((report) => report.function);
  expect(labels).toEqual(["labels"]);
  const verdict = reports.get("labels")?.verdicts.find(({ check }) => check === "event-time");
  expect(verdict?.detail).toMatch(/^a label: it looks ahead, as it should/);
});
