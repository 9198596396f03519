import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { quiver } from "../../support/run-quiver.ts";

let root = "";
const here = (...args: string[]) =>
  quiver([...args, "--data", join(root, "data"), "--functions", join(root, "functions")]);

function write(name: string, inputs: string, body: string, more = ""): void {
  const dir = join(root, "functions", name);
  mkdirSync(dir, { recursive: true });
  writeFileSync(
    join(dir, "index.ts"),
    `import { defineFeature, float64, fromFunction } from "quiver";
import { z } from "zod";
export default defineFeature({ description: "${name}", ${more} params: z.object({ times: z.int().default(2) }),
  inputs: { u: ${inputs} }, outputs: { x: float64 },
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
  write("minutes", "{ close: float64 }", "out.x.fill(1);", 'bars: "intraday",');
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

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
      'Cannot find the function "doubl": there are doubled, minutes, of-doubled, throws, of-throws. Did you mean "doubled" or "of-doubled"?\n',
    ]);
  });

  test("why says what has changed since, and nothing when nothing has", async () => {
    const why = async (...args: string[]) => (await here("why", ...args)).out;
    expect(await why("doubled")).toMatch(
      /^demo\/doubled version \S+ was published at \S+\.\nNothing it was computed from has changed\.\n$/,
    );
    expect(await why("minutes", "--as", "never")).toBe("");
    expect(await why("doubled", "--param", "times=3")).toContain(
      '- The parameter "times" is 2 there and 3 here.\n',
    );
    expect(await why("throws")).toBe("demo/throws was not published yet.\n");
    write("doubled", "{ close: float64 }", "u.close.forEach((c, i) => (out.x[i] = c + params.times));");
    for (const name of ["doubled", "of-doubled"]) {
      expect(await why(name)).toContain(
        "- The code that can run of doubled is other. Files changed since: doubled/index.ts.\n",
      );
    }
    expect(await outcomes("of-doubled")).toEqual({
      code: 0,
      rows: { doubled: ["published", null], "of-doubled": ["published", null] },
    });
  });

  test("gc removes what is no longer current, once it is old, and tells before", async () => {
    const dry = await here("gc", "--keep", "1", "--dry-run");
    expect(dry.out).toMatch(/Would remove 0 versions, 0 B/);
    const refused = await here("gc", "--older-than", "soon");
    expect([refused.code, refused.err]).toEqual([
      2,
      'Cannot use "soon" for --older-than: expected a duration such as 12h, 30d or 4w.\n',
    ]);
  });
});
