import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";
import { startQuiver } from "../../support/run-quiver.ts";

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
) => `import { broadcast, defineFeature, float64, fromFunction, int32 } from "quiver";
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
  write("no-index", feature('broadcast("SPY", { columns: { close: float64 } })'));
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

const outcomeOf = (name: string) => (["cyc-c", "reads-syntax"].includes(name) ? "left-out" : "failed");
const MINUTES =
  'Cannot run "minutes" on the dataset "demo": it works on intraday bars, and these are daily. Name a dataset of intraday bars.';
const NO_INDEX =
  'Cannot broadcast "SPY": dataset "demo" does not have it. There are "S000000" and "S000001".';

test("publish --all fails for every broken function and publishes the others", async () => {
  const { code, out } = await here("publish", "--all", "--json");
  const { functions } = JSON.parse(out) as {
    functions: { function: string; outcome: string; why: unknown }[];
  };
  const told = Object.fromEntries(functions.map((row) => [row.function, [row.outcome, row.why]]));
  expect([code, told]).toEqual([
    3,
    {
      ...Object.fromEntries(Object.entries(WHY).map(([name, why]) => [name, [outcomeOf(name), why]])),
      good: ["published", null],
      minutes: ["left-out", MINUTES],
      "no-index": ["left-out", NO_INDEX],
    },
  ]);
});

// It ended with 0, where the same command without --async ends with 3.
test("publish --all --async fails for every broken function and orders the others", async () => {
  const places = ["--data", join(root, "data"), "--functions", join(root, "functions")];
  const server = startQuiver(["start", "--port", "0", ...places]);
  try {
    await server.outputs(/ on (http:\S+) /);
    const { code, out } = await here("publish", "--all", "--async", "--json");
    const { functions } = JSON.parse(out) as {
      functions: { function: string; outcome: string; why: unknown }[];
    };
    const told = Object.fromEntries(functions.map((row) => [row.function, [row.outcome, row.why]]));
    expect([code, told]).toEqual([
      3,
      {
        ...Object.fromEntries(Object.entries(WHY).map(([name, why]) => [name, [outcomeOf(name), why]])),
        good: ["ordered", null],
        minutes: ["left-out", MINUTES],
        "no-index": ["left-out", NO_INDEX],
      },
    ]);
    const { out: text } = await here("publish", "--all", "--async");
    expect(text).toMatch(/^syntax +failed$/m);
    expect(text).toMatch(/\n1 job ordered, 4 left out, 6 failed\n$/);
  } finally {
    server.kill("SIGTERM");
    await server.ended;
  }
});

test("publish --all fails for a broken function and succeeds for a sound one", async () => {
  expect((await here("publish", "--all", "bad-type")).code).toBe(3);
  expect((await here("publish", "--all", "good")).code).toBe(0);
});

test("publish --all refuses an unknown dataset once, whatever else is wrong", async () => {
  expect(await here("publish", "--all", "--dataset", "nix")).toEqual({
    code: 2,
    out: "",
    err: 'Cannot find the dataset "nix": there is demo. "quiver import <dataset> <files>" makes one.\n',
  });
});

/** The problem of each function, as sorted lines of a command's output. */
const lines = (text: string, sign: RegExp) =>
  text
    .split("\n")
    .filter((line) => sign.test(line))
    .toSorted();

test("ls reports every broken function and lists none of them as usable", async () => {
  const { out } = await here("ls");
  const told = lines(out, /\/index\.ts: /);
  expect(told).toHaveLength(Object.keys(WHY).length);
  for (const [name, why] of Object.entries(WHY)) {
    if (typeof why === "string") expect(told).toContain(`${name}/index.ts: ${why}`);
  }
  expect(lines(out, /For a test/).map((line) => line.split(" ")[0])).toEqual([
    "good",
    "label",
    "minutes",
    "no-index",
  ]);
});

test.each(["start", "dev"])("%s reports every broken function, and so does GET /functions", async (mode) => {
  const server = startQuiver([
    mode,
    "--port",
    "0",
    "--json",
    "--data",
    join(root, "data"),
    "--functions",
    join(root, "functions"),
  ]);
  try {
    const url = /"url":"([^"]+)"/.exec((await server.outputs(/"url":"[^"]+".*\n/))[0])?.[1] ?? "";
    await server.outputs(/^syntax: .*\n/m, "err");
    const { functions, broken } = (await (await fetch(`${url}/functions`)).json()) as {
      functions: { name: string }[];
      broken: { name: string; error: { message: string } }[];
    };
    expect(functions.map(({ name }) => name)).toEqual(["good", "label", "minutes", "no-index"]);
    expect(Object.fromEntries(broken.map(({ name, error }) => [name, error.message]))).toEqual(WHY);
  } finally {
    server.kill("SIGTERM");
  }
  const { err } = await server.ended;
  const told = lines(err, /^(bad|cyc|reads|syntax)/);
  expect(told).toHaveLength(Object.keys(WHY).length);
  for (const [name, why] of Object.entries(WHY)) {
    if (typeof why === "string") expect(told).toContain(`${name}: ${why}`);
  }
});

test("dev reports a cycle that an edit creates, and its removal", async () => {
  const server = startQuiver([
    "dev",
    "--port",
    "0",
    "--data",
    join(root, "data"),
    "--functions",
    join(root, "functions"),
  ]);
  try {
    await server.outputs(/^syntax: .*\n/m, "err");
    write("cyc-b", feature("{ close: float64 }"));
    await server.outputs(
      /^cyc-a: changed, live on the next call\ncyc-b: changed, live on the next call\ncyc-c: changed, live on the next call\n/m,
      "err",
    );
    write("good", feature(of("cyc-c")).replaceAll("cyc-c", "good"));
    const [line] = await server.outputs(/^good: .*\n/m, "err");
    expect(line).toBe(
      'good: Cannot run "good": it reads itself, good → good. Have one of them read something else.\n',
    );
  } finally {
    server.kill("SIGTERM");
  }
  await server.ended;
});
