import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { scheduleText } from "../../../runtime/cli/commands/schedule.ts";
import { dueTimes } from "../../../runtime/schedule/due-times.ts";
import { readScheduleFile } from "../../../runtime/schedule/schedule-file.ts";

const root = mkdtempSync(join(tmpdir(), "quiver-schedule-"));
const path = join(root, "schedule.json");
afterAll(() => {
  rmSync(root, { recursive: true, force: true });
});

function read(content: unknown) {
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return readScheduleFile(path, {
    zoneOf: (dataset) => (dataset === "cn-daily" ? "Asia/Shanghai" : "America/New_York"),
    functions: ["returns", "rsi-macd"],
    datasets: ["cn-daily", "us-daily"],
    now: new Date("2024-01-01T00:00:00Z"),
  });
}

const EVENING = { name: "evening", cron: "30 18 * * 1-5", function: "rsi-macd" };

describe("a schedule", () => {
  test("has entries with the zone of their dataset and a policy, unless they say otherwise", () => {
    expect(
      read({
        entries: [
          EVENING,
          {
            ...EVENING,
            name: "china",
            dataset: "cn-daily",
            params: { period: 21 },
            missed: "skip",
            publish: { as: "rsi-21", replace: true },
          },
          { ...EVENING, name: "universal", zone: "UTC", publish: true },
        ],
      }),
    ).toEqual([
      {
        name: "evening",
        cron: "30 18 * * 1-5",
        zone: "America/New_York",
        missed: "run-once",
        work: { kind: "one", request: { function: "rsi-macd" } },
      },
      {
        name: "china",
        cron: "30 18 * * 1-5",
        zone: "Asia/Shanghai",
        missed: "skip",
        work: {
          kind: "one",
          request: {
            function: "rsi-macd",
            dataset: "cn-daily",
            params: { period: 21 },
            as: "rsi-21",
            replace: true,
          },
        },
      },
      {
        name: "universal",
        cron: "30 18 * * 1-5",
        zone: "UTC",
        missed: "run-once",
        work: { kind: "one", request: { function: "rsi-macd" } },
      },
    ]);
  });

  test("has entries of many functions, of all or of some", () => {
    const night = {
      name: "night",
      cron: "@daily",
      functions: "all",
      dataset: "cn-daily",
      publish: { replace: true },
    };
    const works = read({
      entries: [night, { ...night, name: "some", functions: ["returns"], publish: true }],
    });
    expect(works.map(({ work }) => work)).toEqual([
      { kind: "many", functions: null, request: { dataset: "cn-daily", replace: true } },
      { kind: "many", functions: ["returns"], request: { dataset: "cn-daily" } },
    ]);
  });

  test("is empty where there is no file", () => {
    const options = { zoneOf: () => "UTC", now: new Date() };
    expect(readScheduleFile(join(root, "none.json"), options)).toEqual([]);
  });

  test.each([
    ["{", /^It is not JSON: ./],
    [[], "Cannot read what is in the file: given [], expected a JSON object."],
    [{ entries: {} }, 'Cannot read the field "entries" in the file: given {}, expected a list of entries.'],
    [{ entries: [1] }, 'Cannot read the field "entries.0" in the file: given 1, expected an object.'],
    [{ entries: [], zone: "UTC" }, 'Unknown field "zone" in the file. Known: entries.'],
    [
      { entries: [{ ...EVENING, name: "Evening run" }] },
      'Cannot read the field "name" of the entry "Evening run": given "Evening run", expected a name of lower-case letters, digits and hyphens, for example "evening-rsi".',
    ],
    [
      { entries: [EVENING, { cron: "* * * * *", function: "returns" }] },
      'Cannot read the field "name" of the entry number 2: given nothing, expected a name of lower-case letters, digits and hyphens, for example "evening-rsi".',
    ],
    [
      { entries: [{ ...EVENING, crn: "* * * * *" }] },
      /^Unknown field "crn" of the entry "evening"\. Did you mean "cron"\? Known: dataset, /,
    ],
    [
      { entries: [{ ...EVENING, cron: "61 * * * *" }] },
      'Cannot read the cron expression "61 * * * *" of the entry "evening": the minute is "61", expected 0 to 59, a list such as 1,5, a range such as 1-5, a step such as */5, or *.',
    ],
    [
      { entries: [{ ...EVENING, cron: "now and then" }] },
      'Cannot read the cron expression "now and then" of the entry "evening": expected five fields (minute, hour, day of the month, month, weekday), or six with the second first; there are 3.',
    ],
    [
      { entries: [{ ...EVENING, cron: "0 0 30 2 *" }] },
      'Cannot read the field "cron" of the entry "evening": given "0 0 30 2 *", expected a cron expression that is due sometime.',
    ],
    [
      { entries: [{ ...EVENING, zone: "Mars/Base" }] },
      'Cannot read the field "zone" of the entry "evening": given "Mars/Base", expected a time zone, for example "America/New_York".',
    ],
    [
      { entries: [{ ...EVENING, missed: "twice" }] },
      'Cannot read the field "missed" of the entry "evening": given "twice", expected "run-once" or "skip".',
    ],
    [
      { entries: [{ ...EVENING, function: "rsi-mcd" }] },
      'Cannot read the field "function" of the entry "evening": given "rsi-mcd", expected the name of an existing function. Did you mean "rsi-macd"?',
    ],
    [
      { entries: [{ ...EVENING, dataset: "us-daly" }] },
      'Cannot read the field "dataset" of the entry "evening": given "us-daly", expected the name of an existing dataset. Did you mean "us-daily"? If not, import it first, with "quiver import us-daly <files…>", or take the entry out until then.',
    ],
    [
      { entries: [{ ...EVENING, inputs: { bars: { dataset: "nix" } } }] },
      'Cannot read the field "inputs.bars.dataset" of the entry "evening": given "nix", expected the name of an existing dataset. Import it first, with "quiver import nix <files…>", or take the entry out until then.',
    ],
    [
      { entries: [{ ...EVENING, publish: false }] },
      'Cannot read the field "publish" of the entry "evening": given false, expected true, or an object: an entry publishes.',
    ],
    [
      { entries: [{ ...EVENING, symbols: "AAPL" }] },
      'Cannot read the field "symbols" of the entry "evening": given "AAPL", expected a list of symbols, or {"sql": "a query with one text column"}.',
    ],
    [
      { entries: [{ name: "evening", cron: "@daily" }] },
      'Cannot read the field "function" of the entry "evening": given nothing, expected one of "function" and "functions".',
    ],
    [
      { entries: [{ ...EVENING, functions: "all" }] },
      'Cannot read the field "function" of the entry "evening": given {"function":"rsi-macd","functions":"all"}, expected one of "function" and "functions".',
    ],
    [
      { entries: [{ name: "night", cron: "@daily", functions: ["returns", "rsi"] }] },
      'Cannot read the field "functions" of the entry "night": given "rsi", expected the name of an existing function. Did you mean "rsi-macd"?',
    ],
    [
      { entries: [{ name: "night", cron: "@daily", functions: "every" }] },
      'Cannot read the field "functions" of the entry "night": given "every", expected "all", or a list of names of functions.',
    ],
    [
      { entries: [{ name: "night", cron: "@daily", functions: "all", publish: { as: "x" } }] },
      'Cannot read the field "publish.as" of the entry "night": given "x", expected none beside "functions".',
    ],
    [
      { entries: [EVENING, EVENING] },
      'Cannot read the field "name" of the entry "evening": given "evening", expected another.',
    ],
  ])("%j is refused, naming file, entry and field", (content, message) => {
    let refusal: unknown;
    try {
      read(content);
    } catch (error) {
      refusal = error;
    }
    const start = `Cannot use the schedule ${path}. `;
    expect(refusal).toMatchObject({ code: "schedule-invalid", facts: { file: path } });
    const said = refusal instanceof Error ? refusal.message : "";
    expect(said.slice(0, start.length)).toBe(start);
    if (typeof message === "string") expect(said.slice(start.length)).toBe(message);
    else expect(said.slice(start.length)).toMatch(message);
  });
});

describe("dueTimes()", () => {
  const newYork = (cron: string) => dueTimes({ cron, zone: "America/New_York" });
  const after = (cron: string, time: string) => newYork(cron).next(new Date(time))?.toISOString();

  test("goes by the clock on the wall, also where it is set", () => {
    expect(after("30 18 * * 1-5", "2026-03-06T23:29:00Z")).toBe("2026-03-06T23:30:00.000Z");
    expect(after("30 18 * * 1-5", "2026-03-06T23:30:00Z")).toBe("2026-03-09T22:30:00.000Z");
    // That night has no 02:30, the other has two of 01:30.
    expect(after("30 2 * * *", "2026-03-08T01:00:00Z")).toBe("2026-03-08T07:00:00.000Z");
    expect(after("30 1 * * *", "2026-11-01T05:30:00Z")).toBe("2026-11-02T06:30:00.000Z");
  });

  test("tells the last time in a span and how many there are, up to a hundred", () => {
    const found = newYork("0 * * * *").between(
      new Date("2026-01-01T00:00:00Z"),
      new Date("2026-01-01T03:00:00Z"),
    );
    expect(found).toEqual({ last: new Date("2026-01-01T03:00:00Z"), count: 3 });
    expect(
      newYork("0 * * * *").between(new Date("2026-01-01T00:00:00Z"), new Date("2026-01-01T00:59:59Z")),
    ).toBeUndefined();
    const month = newYork("* * * * * *").between(
      new Date("2026-01-01T00:00:00Z"),
      new Date("2026-02-01T00:00:00.500Z"),
    );
    expect(month).toEqual({ last: new Date("2026-02-01T00:00:00Z"), count: 100 });
  });
});

test("what is shown of a schedule says what there is none of", () => {
  expect(scheduleText({ file: null, running: false, problem: null, entries: [] })).toBe(
    "No schedule: there is no file schedule.json beside the functions. docs/schedule.md describes its format.\n",
  );
  expect(scheduleText({ file: "/x/schedule.json", running: false, problem: null, entries: [] })).toBe(
    "No entries in /x/schedule.json.\n",
  );
  const entry = {
    name: "night",
    cron: "@daily",
    zone: "UTC",
    missed: "skip",
    functions: "all",
    dataset: null,
    next: [],
    last: null,
  } as const;
  const shown = { file: "/x/schedule.json", running: true, entries: [entry] };
  expect(scheduleText({ ...shown, problem: "The file is wrong." })).toMatch(/^The file is wrong\.\nentry /);
  // A file that was deleted under a server: its entries go on, and were not shown.
  expect(scheduleText({ ...shown, file: null, problem: "The file is gone." })).toMatch(
    /^The file is gone\.\nentry .*\nnight /s,
  );
  expect(scheduleText({ file: null, running: true, problem: "The file is gone.", entries: [] })).toBe(
    "The file is gone.\nNo entries.\n",
  );
  expect(scheduleText({ ...shown, problem: null })).toMatch(
    /\nnight +@daily +UTC +skip +\(all\) +\(default\) +never\n$/,
  );
});
