import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";
import { startQuiver } from "../../support/run-quiver.ts";

let root = "";
const here = (...args: string[]) =>
  runCommand([...args, "--data", join(root, "data"), "--functions", join(root, "functions")]);

function write(name: string, input: string, handler: string, times = "z.number().default(2)"): void {
  mkdirSync(join(root, "functions", name), { recursive: true });
  writeFileSync(
    join(root, "functions", name, "index.ts"),
    `import { defineFeature, float64, fromFunction } from "quiver";
import { z } from "zod";
export default defineFeature({ description: "${name}", params: z.object({ times: ${times} }),
  inputs: { u: ${input} }, outputs: { x: float64 }, handler({ u }, out, { params }) { ${handler} } });\n`,
  );
}
const TIMES = "u.close.forEach((c, i) => (out.x[i] = c * params.times));";
const COPY = "out.x.set(u.x);";
const of = (name: string) => `fromFunction("${name}", { columns: { x: float64 } })`;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-names-"));
  const files = [dailyBarsSql({ symbolCount: 3, dayCount: 20 })];
  await makeDataset({ dataDir: join(root, "data"), name: "demo", columns: DAILY_COLUMNS, files });
  write("base", "{ close: float64 }", TIMES);
  write("other", "{ close: float64 }", TIMES);
  write("reader", of("base"), COPY);
  write("needy", "{ close: float64 }", TIMES, "z.number()");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Row {
  readonly function: string;
  readonly name: string;
  readonly with: string;
  readonly outcome: string;
  readonly why: string | null;
}

async function outcomes(...args: string[]) {
  const { code, out } = await here("publish", "--all", "--json", ...args);
  const { functions } = JSON.parse(out) as { functions: readonly Row[] };
  return { code, rows: functions.map((row) => [row.function, row.outcome, row.why]) };
}

describe("quiver publish --all where a name holds something else", () => {
  // The readers compute what they read with parameters of their own: they were held back by a mere name.
  test("fails with the name, and publishes what reads the function all the same", async () => {
    expect((await here("publish", "other", "--as", "base")).code).toBe(0);
    expect(await outcomes("reader")).toEqual({
      code: 3,
      rows: [
        [
          "base",
          "failed",
          'Cannot publish "base" of demo: the name holds something else; the function is "other" there and "base" here. Publish under another name with --as, or set --replace.',
        ],
        ["reader", "published", null],
      ],
    });
  });
});

describe("quiver publish --all of sets that are published", () => {
  const sets = async (...args: string[]) => {
    const { code, out } = await here("publish", "--all", "--json", ...args);
    const { functions } = JSON.parse(out) as { functions: readonly Row[] };
    return [code, functions.map((row) => [row.function, row.name, row.with, row.outcome].join("|"))];
  };
  const NEEDY_LEFT = "needy|needy||left-out";

  beforeAll(() => rmSync(join(root, "data", "demo", "features"), { recursive: true, force: true }));

  test("publishes what nobody has published with its defaults", async () => {
    expect(await sets("reader", "needy")).toEqual([
      0,
      ["base|base||published", NEEDY_LEFT, "reader|reader||published"],
    ]);
  });

  // A set that was published with a parameter clashed every evening, and one under another name grew old.
  test("keeps the parameters, bindings, symbols and times of each, and says which", async () => {
    const sure = async (...args: string[]) => {
      expect((await here("publish", ...args)).code).toBe(0);
    };
    await sure("base", "--replace", "--param", "times=5");
    await sure("needy", "--param", "times=3", "--symbols", "S000000,S000002", "--from", "2023-12-20");
    await sure("reader", "--as", "reader-other", "--input", "u=function:other");
    await sure("base", "--as", "base-past", "--as-of", "2023-12-25", "--to", "2023-12-24");
    const names = ["reader|reader|", "base|base|times=5", "base|base-past|to 2023-12-24, as of 2023-12-25"];
    const needy = "needy|needy|times=3, symbols S000000 and S000002, from 2023-12-20";
    const other = "reader|reader-other|u=function:other";
    const all = (outcome: string) =>
      [names[0], names[1], names[2], needy, other].map((row) => `${row}|${outcome}`);
    const equal = await sets("base", "reader", "needy");
    expect(equal).toEqual([0, all("equal")]);
    write("base", "{ close: float64 }", TIMES.replace("*", "+"));
    write("needy", "{ close: float64 }", TIMES.replace("*", "+"), "z.number()");
    write("other", "{ close: float64 }", TIMES.replace("*", "+"));
    expect(await sets("base", "reader", "needy")).toEqual([0, all("published")]);
    const { out } = await here("publish", "--all", "base", "reader", "needy");
    expect(out.split("\n").map((line) => line.trim().split(/ {2,}/).slice(0, 3))).toEqual([
      ["function", "published with", "outcome"],
      expect.anything(),
      ["reader", "equal", expect.stringMatching(/^\d+$/)],
      ["base", "times=5", "equal"],
      ["base as base-past", "to 2023-12-24, as of 2023-12-25", "equal"],
      ["needy", "times=3, symbols S000000 and S000002, from 2023-12-20", "equal"],
      ["reader as reader-other", "u=function:other", "equal"],
      [""],
      [expect.stringMatching(/^5 equal in /)],
      [""],
    ]);
  });

  test("takes along of what a named function reads only the set under its own name", async () => {
    expect(await sets("reader")).toEqual([
      0,
      ["reader|reader||equal", "base|base|times=5|equal", "reader|reader-other|u=function:other|equal"],
    ]);
  });

  test("publishes nothing of a label where labels are not asked for", async () => {
    write("label", "{ close: float64 }", TIMES);
    const file = join(root, "functions", "label", "index.ts");
    writeFileSync(file, readFileSync(file, "utf8").replace("description", 'kind: "label", description'));
    expect((await here("publish", "label", "--as", "label-3", "--param", "times=3")).code).toBe(0);
    const [, without] = await sets();
    const [, withLabels] = await sets("--labels");
    expect([
      String(without).includes("label"),
      String(withLabels).includes("label|label-3|times=3|equal"),
    ]).toEqual([false, true]);
  });

  test("of a set whose parameters the code no longer takes, fails and tells the difference", async () => {
    write(
      "other",
      "{ close: float64 }",
      "out.x.fill(params.factor);",
      "z.number().default(2), factor: z.number().default(1)",
    );
    expect((await here("publish", "other", "--as", "other-7", "--param", "times=7")).code).toBe(0);
    write("other", "{ close: float64 }", "out.x.fill(params.times);", "z.number().default(2)");
    const { code, out } = await here("publish", "--all", "other", "--json");
    const { functions } = JSON.parse(out) as { functions: readonly Row[] };
    expect([code, functions.map((row) => [row.name, row.outcome, row.why])]).toEqual([
      3,
      [
        ["other", "published", null],
        [
          "other-7",
          "failed",
          'Cannot publish "other-7" of demo: the name holds something else; the parameter "times" is 7 there and 2 here, the parameter "factor" is 1 there and absent here. Publish under another name with --as, or set --replace.',
        ],
      ],
    ]);
    expect((await here("rm", "demo/other-7", "--yes")).code).toBe(0);
  });

  test("--async orders each with what it was published with", async () => {
    const server = startQuiver([
      "start",
      "--port",
      "0",
      "--data",
      join(root, "data"),
      "--functions",
      join(root, "functions"),
    ]);
    try {
      await server.outputs(/ on (http:\S+) /);
      const { code, out } = await here("publish", "--all", "base", "--async", "--key", "k", "--json");
      const { functions } = JSON.parse(out) as { functions: { name: string; with: string; job: string }[] };
      expect([code, functions.map((row) => `${row.name}|${row.with}`)]).toEqual([
        0,
        ["base|times=5", "base-past|to 2023-12-24, as of 2023-12-25"],
      ]);
      for (const { name, job } of functions) {
        expect((await here("jobs", "watch", job)).out).toMatch(new RegExp(`demo/${name} version \\S+`));
      }
    } finally {
      server.kill("SIGTERM");
      await server.ended;
    }
  });

  test("--replace gives each function its own name back, and leaves the others as they are", async () => {
    expect(await sets("base", "reader", "--replace")).toEqual([
      0,
      [
        "base|base||published",
        "reader|reader||equal",
        "base|base-past|to 2023-12-24, as of 2023-12-25|equal",
        "reader|reader-other|u=function:other|published",
      ],
    ]);
  });
});
