import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { beforeAll, expect, test } from "vitest";
import { checkFunctions } from "../../../runtime/check/check-functions.ts";
import type { CheckName, CheckReport } from "../../../runtime/check/verdict.ts";
import { settingsWith } from "../../support/settings-with.ts";
import { wire } from "../../../runtime/wire.ts";
import { sharedChildren } from "../../support/shared-children.ts";

const PLANTED = fileURLToPath(new URL("../../fixtures/planted", import.meta.url));

let reports: ReadonlyMap<string, CheckReport>;

beforeAll(async () => {
  const checked = await checkFunctions({
    settings: settingsWith({ functions: PLANTED, ...sharedChildren() }),
    wire: (options) => wire({ ...options, version: "0" }),
    names: readdirSync(PLANTED),
    onLog: () => undefined,
  });
  reports = new Map(checked.map((report) => [report.function, report]));
});

function verdictOf(name: string, check: CheckName) {
  return reports.get(name)?.verdicts.find((verdict) => verdict.check === check);
}

function outcomesOf(name: string, outcome: string): string[] {
  const verdicts = reports.get(name)?.verdicts ?? [];
  return verdicts.filter((verdict) => verdict.outcome === outcome).map(({ check }) => check);
}

test("a lagging span at the time where it is drawn is caught at its first row", () => {
  expect(verdictOf("chikou", "event-time")).toEqual({
    check: "event-time",
    outcome: "failed",
    detail: expect.stringMatching(
      /^a value changes with bars that come after it: expected is the value without them \(\d+ values; the first is shown\)$/,
    ),
    offence: { symbol: "FLAT", ts: "2021-12-06", column: "chikou", expected: "null", got: "61.99" },
  });
  expect(reports.get("chikou")?.passed).toBe(false);
});

test("a centred window is caught at its first row", () => {
  expect(verdictOf("centred-window", "event-time")?.offence).toMatchObject({
    symbol: "FLAT",
    ts: "2021-12-08",
    column: "smooth",
    expected: "null",
  });
});

test("a z-score over the full sample is caught at the first row", () => {
  expect(verdictOf("full-sample-z-score", "event-time")?.offence).toMatchObject({
    symbol: "FLAT",
    ts: "2021-12-06",
    column: "z",
  });
});

test("a back-fill is caught at the first gap", () => {
  expect(verdictOf("back-fill", "event-time")?.offence).toMatchObject({
    symbol: "NULLS",
    ts: "2021-12-06",
    column: "filled",
    expected: "null",
  });
});

test("a label of the next bar that is declared a feature is caught", () => {
  expect(verdictOf("undeclared-label", "event-time")?.offence).toMatchObject({
    symbol: "FLAT",
    ts: "2021-12-06",
    column: "next_return",
    expected: "null",
  });
});

test("a look-ahead in an upstream function is caught by running as of earlier moments", () => {
  expect(verdictOf("reads-chikou", "event-time")).toMatchObject({
    outcome: "failed",
    detail: expect.stringMatching(/^a value changes with bars after it: expected is the value as of 2023-/),
    offence: { symbol: "FLAT", column: "twice", expected: "null" },
  });
});

test("a label that only looks back is refused as a label", () => {
  expect(verdictOf("label-of-the-past", "event-time")).toEqual({
    check: "event-time",
    outcome: "failed",
    detail: "it is declared as a label, but no value depends on a later bar: declare it as a feature",
  });
});

test("a look-back declared too short is caught by partial histories and by requesting later rows", () => {
  expect(verdictOf("short-look-back", "memory")).toEqual({
    check: "memory",
    outcome: "failed",
    detail: expect.stringMatching(
      /^the declared look-back is 18 bars, but a value computed from exactly that many earlier bars differs/,
    ),
    offence: {
      symbol: "FLAT",
      ts: "2022-01-03",
      column: "mean",
      expected: expect.stringMatching(/^\d+\.\d+$/),
      got: "null",
    },
  });
  expect(verdictOf("short-look-back", "chunks")).toMatchObject({
    outcome: "failed",
    detail: expect.stringMatching(/^requested from 2023-/),
    offence: { column: "mean", got: "null" },
  });
});

test("a warm-up declared too short is caught", () => {
  expect(verdictOf("short-warm-up", "memory")).toMatchObject({
    outcome: "failed",
    detail: expect.stringMatching(
      /^the declared warm-up is 50 bars, but a value whose history begins that many bars earlier differs/,
    ),
    offence: { column: "average" },
  });
  expect(outcomesOf("short-warm-up", "failed")).toEqual(["memory"]);
});

test("a state that forgets half is caught at the first resumed row", () => {
  expect(verdictOf("half-a-state", "state")).toMatchObject({
    outcome: "failed",
    detail: expect.stringMatching(
      /^resumed from its 1 saved numbers after every bar, a value differs from that of an uninterrupted run/,
    ),
    offence: { symbol: "FLAT", ts: "2021-12-07", column: "mean" },
  });
  expect(outcomesOf("half-a-state", "failed")).toEqual(["state"]);
});

test("a hidden random number is caught, and other checks do not judge its values", () => {
  expect(verdictOf("random-tie-break", "determinism")).toMatchObject({
    outcome: "failed",
    detail: expect.stringMatching(/^a second run gives another value/),
    offence: { symbol: "FLAT", ts: "2021-12-07", column: "noisy" },
  });
  expect(outcomesOf("random-tie-break", "failed")).toEqual(["determinism"]);
});

test("a hidden random number upstream is caught although upstream results are cached", () => {
  expect(verdictOf("reads-random", "determinism")).toMatchObject({
    outcome: "failed",
    detail: expect.stringMatching(/^a second run gives another value/),
    offence: { symbol: "FLAT", ts: "2021-12-07", column: "twice" },
  });
  expect(outcomesOf("reads-random", "failed")).toEqual(["determinism"]);
});

test("a value that depends on the previous symbol is caught by running one symbol alone", () => {
  expect(verdictOf("previous-symbol", "chunks")).toMatchObject({
    outcome: "failed",
    detail: "the symbol alone gives other values than among 8",
    offence: { symbol: "WALK", ts: "2021-12-06", column: "change" },
  });
});

test("a price declared as a ratio is caught by a split, before and after it is known", () => {
  expect(verdictOf("price-called-ratio", "adjustment")).toMatchObject({
    outcome: "failed",
    offence: { symbol: "GAPS", column: "range" },
  });
  expect(verdictOf("price-called-ratio", "knowledge")).toMatchObject({
    outcome: "failed",
    detail: expect.stringMatching(/^on adjusted bars, a value up to 2023-.* depends on later splits/),
    offence: { symbol: "SPLIT", column: "range" },
  });
});

test("an infinite value is caught at its row, although it is stored as null", () => {
  expect(verdictOf("divides-by-nothing", "contract")).toMatchObject({
    outcome: "failed",
    offence: { symbol: "FLAT", column: "impact", expected: "a number or null", got: "infinity" },
  });
});

test("a handler that throws on a symbol without prices is reported with the symbol, and checked on the others", () => {
  expect(verdictOf("wants-a-price", "contract")).toEqual({
    check: "contract",
    outcome: "failed",
    detail: expect.stringMatching(
      /^it fails: symbol "VOID": The function "wants-a-price" .*: no close at all/,
    ),
  });
  expect(verdictOf("wants-a-price", "event-time")?.outcome).toBe("passed");
});

test("a difference in the last place of a runtime's logarithm is a warning, not a failure", () => {
  expect(verdictOf("engine-logarithm", "determinism")).toMatchObject({
    outcome: "warning",
    detail: expect.stringMatching(/gives another value than .* by at most [12] units in the last place/),
    offence: { column: "log_return" },
  });
  expect(reports.get("engine-logarithm")?.passed).toBe(true);
});

test("every planted fault fails its check", () => {
  const passed = [...reports.values()].filter((report) => report.passed).map((report) => report.function);
  expect(passed).toEqual(["engine-logarithm"]);
});
