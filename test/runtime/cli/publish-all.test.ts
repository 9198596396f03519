import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";
import { startQuiver } from "../../support/run-quiver.ts";

let root = "";
const inPlace = (...args: string[]) =>
  args.concat("--data", join(root, "data"), "--functions", join(root, "functions"));
const here = (...args: string[]) => runCommand(inPlace(...args));

function write(
  name: string,
  input: string,
  body: string,
  more = "",
  param = "times: z.int().default(2)",
): void {
  const dir = join(root, "functions", name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(
    join(dir, "index.ts"),
    `import { broadcast, defineFeature, float64, fromFunction } from "quiver";
import { z } from "zod";
export default defineFeature({ description: "${name}", ${more} params: z.object({ ${param} }),
  inputs: ${input.includes("index") ? `({ index }) => ({ u: ${input} })` : `{ u: ${input} }`}, outputs: { x: float64 },
  handler({ u }, out, { params }) { ${body} } });\n`,
  );
}
const from = (name: string) => `fromFunction("${name}", { columns: { x: float64 } })`;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-all-"));
  await makeDataset({
    dataDir: join(root, "data"),
    name: "demo",
    columns: DAILY_COLUMNS,
    files: [dailyBarsSql({ symbolCount: 3, dayCount: 20 })],
  });
  write("doubled", "{ close: float64 }", "u.close.forEach((c, i) => (out.x[i] = c * params.times));");
  write("of-doubled", from("doubled"), "out.x.set(u.x);");
  write("throws", "{ close: float64 }", 'throw new RangeError("not today");');
  write("of-throws", from("throws"), "out.x.set(u.x);");
  write("of-of-doubled", from("of-doubled"), "out.x.set(u.x);");
  write(
    "with-index",
    `broadcast(index, { columns: { close: float64 } })`,
    "out.x.set(u.close);",
    "",
    'index: z.string().default("SPY")',
  );
  write("minutes", "{ close: float64 }", "out.x.fill(1);", 'bars: "intraday",');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const NO_INDEX =
  'Cannot broadcast "SPY": dataset "demo" does not have it. There are "S000000", "S000001" and "S000002". ' +
  'It is the parameter "index" of "with-index". Give another with --param index=….';

interface Row {
  readonly function: string;
  readonly outcome: string;
  readonly why: string | null;
}

async function outcomes(...args: string[]): Promise<{ code: number | null; rows: Record<string, unknown> }> {
  const { code, out } = await here("publish", "--all", "--json", ...args);
  const { functions } = JSON.parse(out) as { functions: readonly Row[] };
  return { code, rows: Object.fromEntries(functions.map((row) => [row.function, [row.outcome, row.why]])) };
}

describe("quiver publish --all", () => {
  test("publishes what fits, leaves out what does not, and goes on past what fails", async () => {
    const first = await outcomes();
    expect(first).toEqual({
      code: 3,
      rows: {
        doubled: ["published", null],
        "of-doubled": ["published", null],
        "of-of-doubled": ["published", null],
        "with-index": ["left-out", NO_INDEX],
        throws: ["failed", expect.stringContaining("not today")],
        "of-throws": ["left-out", 'It reads "throws", which failed.'],
        minutes: [
          "left-out",
          'Cannot run "minutes" on the dataset "demo": it works on intraday bars, and these are daily. Name a dataset of intraday bars.',
        ],
      },
    });
  });

  test("of a selection takes what it reads along, and finds again what is equal", async () => {
    expect(await outcomes("of-doubled")).toEqual({
      code: 0,
      rows: { doubled: ["equal", null], "of-doubled": ["equal", null] },
    });
    const { code, err } = await here("publish", "--all", "doubl");
    expect([code, err]).toEqual([
      2,
      'Cannot find the function "doubl": there are doubled, minutes, of-doubled, of-of-doubled, throws, of-throws, with-index. Did you mean "doubled" or "of-doubled" or "of-of-doubled"?\n',
    ]);
  });

  test("fails where everything that was named is left out, and says what to do about each", async () => {
    const { code, out, err } = await here("publish", "--all", "with-index", "minutes");
    expect([code, err]).toEqual([
      2,
      expect.stringMatching(/None of with-index, minutes was published; the reasons are above\.\n$/),
    ]);
    expect(out).toContain(
      `with-index: ${NO_INDEX}\nParameters belong to one function: pass --param to "quiver publish <function>", without --all.\n`,
    );
    expect((await here("publish", "--all", "with-index", "doubled")).code).toBe(0);
  });

  test.each([
    [
      ["--param", "times=3"],
      'Cannot use --param with --all: it applies to a single function. Publish that one by itself, "quiver publish <function> --param …".\n',
    ],
    [
      ["--symbols", "S000001"],
      'Cannot use --symbols with --all: it applies to a single function. Publish that one by itself, "quiver publish <function> --symbols …".\n',
    ],
    [["--key", "x"], 'Cannot use "x" for --key: expected none without --async.\n'],
    [
      ["--codec", "gzip"],
      /^(publish --all: \S+\n)+Cannot use "gzip" for --codec: expected "zstd" or "uncompressed"\.\n$/,
    ],
    [
      ["--dataset", "dmo"],
      'Cannot find the dataset "dmo": there is demo. Did you mean "demo"? "quiver import <dataset> <files>" makes one.\n',
    ],
  ])("refuses %j", async (args, message) => {
    const ended = await here("publish", "--all", ...args);
    expect([ended.code, ended.out]).toEqual([2, ""]);
    expect(ended.err).toEqual(typeof message === "string" ? message : expect.stringMatching(message));
  });

  test("why says what has changed since, and nothing when nothing has", async () => {
    const why = async (...args: string[]) => (await here("why", ...args)).out;
    expect(await why("doubled")).toMatch(
      /^demo\/doubled version \S+ was published at \S+\.\nNothing it was computed from has changed\.\n$/,
    );
    expect(await why("minutes", "--as", "never")).toBe("");
    expect(await why("doubled", "--param", "times=3")).toContain(
      '- The parameter "times" was 2, would be 3.\n',
    );
    expect(await why("throws")).toBe(
      'demo/throws has not been published yet: "quiver publish" creates its first version.\n',
    );
    expect(await why("doubled", "--as-of", "2024-01-01")).toContain(
      "- --as-of was left out, would be 2024-01-01.\n",
    );
    expect(await why("doubled", "--from", "2024-01-05", "--to", "2024-01-08")).toContain(
      "- --from was left out, would be 2024-01-05.\n- --to was left out, would be 2024-01-08.\n",
    );
    expect(await why("of-doubled", "--input", "u=function:with-index")).toContain(
      '- The input "u" was {"function":"doubled","params":{"times":2}}, would be {"function":"with-index","params":{"index":"SPY"}}.\n',
    );
    write("doubled", "{ close: float64 }", "u.close.forEach((c, i) => (out.x[i] = c + params.times));");
    const changes = async (name: string) => (await why(name)).split("\n").slice(1);
    expect(await changes("doubled")).toEqual([
      "- The code of doubled has changed: doubled/index.ts was edited since.",
      "",
    ]);
    expect(await changes("of-doubled")).toEqual([
      "- The code of doubled, which of-doubled reads, has changed: doubled/index.ts was edited since.",
      "",
    ]);
    expect(await changes("of-of-doubled")).toEqual([
      "- The code of doubled, further up, has changed: doubled/index.ts was edited since.",
      "",
    ]);
    expect(await outcomes("of-doubled")).toEqual({
      code: 0,
      rows: { doubled: ["published", null], "of-doubled": ["published", null] },
    });
  });

  test("gc removes what is no longer current, once it is old, and tells before", async () => {
    expect((await here("gc", "--keep", "1", "--dry-run")).out).toMatch(
      /^Nothing to remove\.\n\d versions stay, [\d.]+ KiB: what is current, the newest of each feature set \(--keep\), what was current in the last 7 days \(--older-than\), and what those use files of\.\n$/,
    );
    // Of the units that settings take, gc did not know seconds.
    expect((await here("gc", "--older-than", "90s", "--dry-run")).out).toContain(
      "what was current in the last 90 seconds (--older-than)",
    );
    const { out } = await here("gc", "--keep", "1", "--older-than", "0m", "--sql-timeout-ms", "100");
    expect(out.split("\n").map((line) => line.replaceAll(/ +/g, " "))).toEqual([
      "feature set version bytes",
      expect.any(String),
      expect.stringMatching(/^demo\/doubled \S+ [\d.]+ KiB$/),
      expect.stringMatching(/^demo\/of-doubled \S+ [\d.]+ KiB$/),
      "",
      expect.stringMatching(/^Removed 2 versions, [\d.]+ KiB(, and \d+ cached results?, .*)?\.$/),
      expect.stringMatching(
        /^3 versions stay, [\d.]+ KiB: what is current, the newest of each feature set \(--keep\), what was current in the last 0\.1 seconds \(as long as a query may run\), and what those use files of\.$/,
      ),
      "",
    ]);
  });
});

test("publish --labels without --all is refused", async () => {
  expect(await here("publish", "doubled", "--labels")).toEqual({
    code: 2,
    out: "",
    err: "Cannot use --labels without --all: naming a label already publishes it.\n",
  });
});

test.each([
  [
    ["--older-than", "soon"],
    'Cannot use "soon" for --older-than: expected a duration such as 90s, 12h or 30d.\n',
  ],
  [["--older-than", "7"], 'Cannot use "7" for --older-than: expected a duration such as 90s, 12h or 30d.\n'],
  [["--keep", "many"], 'Cannot use "many" for --keep: expected a number of versions, 0 or more.\n'],
  [["--max-bytes", "lots"], 'Cannot use "lots" for --max-bytes: expected a size such as 500MiB or 20GiB.\n'],
  [["--keep", "-1"], "Cannot use -1 for --keep: expected a number of versions, 0 or more.\n"],
])("gc refuses %j", async (args, message) => {
  expect(await here("gc", ...args)).toEqual({ code: 2, out: "", err: message });
});

describe("quiver publish --all --async", () => {
  test("without a server says to start one", async () => {
    expect(await here("publish", "--all", "doubled", "--async")).toEqual({
      code: 2,
      out: "",
      err: `Cannot run "quiver publish --all doubled --async": no server is running for the data directory ${join(root, "data")}. Start one with "quiver start", or leave --async out and wait.\n`,
    });
  });

  test("leaves out at once what does not fit the dataset, and orders what comes after it", async () => {
    const server = startQuiver(inPlace("start", "--port", "0"));
    try {
      await server.outputs(/ on (http:\S+) /);
      const names = ["minutes", "doubled"];
      const { code, out, err } = await here("publish", "--all", ...names, "--async");
      expect([code, err]).toEqual([0, '"quiver jobs" shows their progress.\n']);
      expect(out).toMatch(
        /\nminutes: Cannot run "minutes" on the dataset "demo": it works on intraday bars, and these are daily\. Name a dataset of intraday bars\.\n\n1 job ordered, 1 left out\n$/,
      );
    } finally {
      server.kill("SIGTERM");
      await server.ended;
    }
  });

  test("orders a job for each function in the order of the graph, and the same again with the same key", async () => {
    write("doubled", "{ close: float64 }", "u.close.forEach((c, i) => (out.x[i] = c - params.times));");
    const server = startQuiver(inPlace("start", "--port", "0"));
    try {
      await server.outputs(/ on (http:\S+) /);
      const order = async () => {
        const { code, out, err } = await here("publish", "--all", "of-of-doubled", "--async", "--key", "k");
        expect([code, err]).toEqual([0, '"quiver jobs" shows their progress.\n']);
        const rows = out.split("\n").flatMap((line) => /^(\S+) +(\S+)$/.exec(line)?.slice(1, 3) ?? []);
        expect(out).toMatch(/\n3 jobs ordered\n$/);
        return rows.slice(2);
      };
      const rows = await order();
      const [first = "", firstJob = "", second = "", secondJob = "", third = "", thirdJob = ""] =
        rows.slice(-6);
      expect([first, second, third]).toEqual(["doubled", "of-doubled", "of-of-doubled"]);
      expect(await order()).toEqual(rows);
      for (const [name, id] of [
        [first, firstJob],
        [second, secondJob],
        [third, thirdJob],
      ]) {
        expect(await here("jobs", "watch", id ?? "")).toMatchObject({
          code: 0,
          out: expect.stringMatching(new RegExp(`^Published demo/${name} version \\S+: \\d+ rows\n$`)),
        });
      }
    } finally {
      server.kill("SIGTERM");
      await server.ended;
    }
  });
});

describe("--recompute", () => {
  test("computes and publishes what is there already, and makes no sense where nothing runs", async () => {
    expect((await outcomes("doubled")).rows).toEqual({ doubled: ["equal", null] });
    expect(await outcomes("doubled", "--recompute")).toEqual({
      code: 0,
      rows: { doubled: ["published", null] },
    });
    expect(await here("invoke", "doubled", "--recompute", "--explain")).toEqual({
      code: 2,
      out: "",
      err: "Cannot use --recompute with --explain: nothing is run. Leave one of them out.\n",
    });
  });
});
