import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { NULL_TEXTS } from "../../../runtime/import/column-types.ts";
import { REASON_NAMES, WARNING_NAMES } from "../../../shared/protocol/import-reasons.ts";
import { CALENDAR_NAMES, namedCalendar } from "../../../shared/time/calendars.ts";

const text = readFileSync(new URL("../../../docs/import.md", import.meta.url), "utf8");

test("docs/import.md lists every reason in the order in which they are tried", () => {
  const section = text.slice(text.indexOf("## Why a row"), text.indexOf("Blank lines are not counted"));
  const listed = [...section.matchAll(/^\| `([a-z-]+)`/gm)].map((match) => match[1]);
  expect(listed).toEqual([...REASON_NAMES]);
});

test("docs/import.md names every warning, every missing value and every calendar with its zone", () => {
  const warnings = text.slice(text.indexOf("Kept and counted"), text.indexOf("## Rows under one key"));
  expect(WARNING_NAMES.filter((name) => !warnings.includes(`\`${name}\``))).toEqual([]);
  const nulls = text.slice(text.indexOf("A missing value"), text.indexOf("Kept and counted")).toLowerCase();
  expect(NULL_TEXTS.filter((value) => value !== "" && !nulls.includes(`\`${value}\``))).toEqual([]);
  for (const name of CALENDAR_NAMES) {
    expect(text).toMatch(new RegExp(`\\| \`${name}\` +\\| ${namedCalendar(name).timezone}`));
  }
});
