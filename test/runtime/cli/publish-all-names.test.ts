import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";

let root = "";
const here = (...args: string[]) =>
  runCommand([...args, "--data", join(root, "data"), "--functions", join(root, "functions")]);

function write(name: string, input: string, handler: string): void {
  mkdirSync(join(root, "functions", name), { recursive: true });
  writeFileSync(
    join(root, "functions", name, "index.ts"),
    `import { broadcast, defineFeature, float64, fromFunction } from "quiver";
import { z } from "zod";
export default defineFeature({ description: "${name}", params: z.object({ times: z.number().default(2) }),
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
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

interface Row {
  readonly function: string;
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
