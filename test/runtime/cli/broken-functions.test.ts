import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";

let root = "";
const here = (...args: string[]) =>
  runCommand([...args, "--data", join(root, "data"), "--functions", join(root, "functions")]);

function write(name: string, source: string): void {
  mkdirSync(join(root, "functions", name), { recursive: true });
  writeFileSync(join(root, "functions", name, "index.ts"), source);
}
const feature = (
  input: string,
  more = "",
) => `import { defineFeature, float64, fromFunction, int32 } from "quiver";
export default defineFeature({ description: "For a test", ${more} inputs: { u: ${input} }, outputs: { x: float64 },
  handler(_, out) { out.x.fill(1); } });\n`;
const of = (name: string, type = "float64") => `fromFunction("${name}", { columns: { x: ${type} } })`;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-broken-"));
  const files = [dailyBarsSql({ symbolCount: 2, dayCount: 10 })];
  await makeDataset({ dataDir: join(root, "data"), name: "demo", columns: DAILY_COLUMNS, files });
  write("good", feature("{ close: float64 }"));
  write("label", feature("{ close: float64 }", 'kind: "label",'));
  write("minutes", feature("{ close: float64 }", 'bars: "intraday",'));
  write("bad-type", feature(of("good", "int32")));
  write("cyc-a", feature(of("cyc-b")));
  write("cyc-b", feature(of("cyc-a")));
  write("cyc-c", feature(of("cyc-b")));
  write("reads-label", feature(of("label")));
  write("reads-missing", feature(of("god")));
  write("reads-syntax", feature(of("syntax")));
  write("syntax", "export default defineFeature({");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const WHY: Readonly<Record<string, unknown>> = {
  "bad-type":
    'Cannot bind the input "u" of "bad-type" to the function "good": its output "x" is float64, and the input declares it as int32.',
  "cyc-a":
    'Cannot run "cyc-a": it reads itself, cyc-a → cyc-b → cyc-a. Have one of them read something else.',
  "cyc-b":
    'Cannot run "cyc-b": it reads itself, cyc-b → cyc-a → cyc-b. Have one of them read something else.',
  "cyc-c": 'It reads "cyc-b", which cannot be run.',
  "reads-label":
    'Cannot bind the input "u" of "reads-label" to "label": it is a label, which looks ahead, and a feature must not. Declare `kind: "label"` if the function looks ahead too.',
  "reads-missing":
    'Cannot bind the input "u" of "reads-missing" to the function "god": there is no such function. Did you mean "good"?',
  "reads-syntax": 'It reads "syntax", which cannot be run.',
  syntax: expect.stringMatching(/^Cannot load syntax\/index\.ts: ./),
};

test("publish --all fails with each function that is broken, and publishes the others", async () => {
  const { code, out } = await here("publish", "--all", "--json");
  const { functions } = JSON.parse(out) as {
    functions: { function: string; outcome: string; why: unknown }[];
  };
  const told = Object.fromEntries(functions.map((row) => [row.function, [row.outcome, row.why]]));
  const leftOut = ["cyc-c", "reads-syntax"];
  expect([code, told]).toEqual([
    3,
    {
      ...Object.fromEntries(
        Object.entries(WHY).map(([name, why]) => [
          name,
          [leftOut.includes(name) ? "left-out" : "failed", why],
        ]),
      ),
      good: ["published", null],
      minutes: [
        "left-out",
        'Cannot run "minutes" on the dataset "demo": it works on intraday bars, and these are daily. Name a dataset of intraday bars.',
      ],
    },
  ]);
});

test("publish --all of one that is broken fails, and of one that is whole does not", async () => {
  expect((await here("publish", "--all", "bad-type")).code).toBe(3);
  expect((await here("publish", "--all", "good")).code).toBe(0);
});

test("publish --all --dataset of one that is not there is refused once, whatever else is wrong", async () => {
  expect(await here("publish", "--all", "--dataset", "nix")).toEqual({
    code: 2,
    out: "",
    err: 'Cannot find the dataset "nix": there are demo. "quiver import <dataset> <files>" makes one.\n',
  });
});
