import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset, MINUTE_CLOCKS } from "../../support/make-dataset.ts";
import { runCommand } from "../../support/run-command.ts";

let root = "";
const here = (...args: string[]) =>
  runCommand([...args, "--data", join(root, "data"), "--functions", join(root, "functions")]);

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "quiver-refusals-"));
  const files = [dailyBarsSql({ symbolCount: 3, dayCount: 40 })];
  await makeDataset({ dataDir: join(root, "data"), name: "demo", columns: DAILY_COLUMNS, files });
  await makeDataset({
    dataDir: join(root, "data"),
    name: "minutes",
    columns: DAILY_COLUMNS.map((column) =>
      column.name === "ts" ? { ...column, type: "timestamp" } : column,
    ),
    clocks: MINUTE_CLOCKS,
    files: [
      "SELECT 'A' AS symbol, TIMESTAMP '2024-01-02 14:30:00' AS ts, 1 AS open, 1 AS high, 1 AS low, 1 AS close, 1 AS volume",
    ],
  });
  await here("new", "some-rsi");
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

describe("a mistyped command is refused with what to type instead:", () => {
  test.each([
    [
      ["invoke", "some-rsi", "--symbols", ""],
      'Cannot use "" for --symbols: expected symbols separated by commas; leave the option out for all symbols.',
    ],
    [
      ["invoke", "some-rsi", "--dataset", "demo", "--symbols", "A B"],
      'Cannot find the symbol "A B" in the dataset "demo", which has 3 symbols. There are "S000000", "S000001" and "S000002". Symbols are separated by commas: A,B instead of "A B".',
    ],
    [
      ["invoke", "some-rsi", "demo"],
      'Cannot take "demo" beside "some-rsi": expected one function. Name a dataset with --dataset; separate symbols with commas, for example --symbols AAPL,MSFT.',
    ],
    [
      ["publish", "some-rsi", "returns"],
      'Cannot take "returns" beside "some-rsi": expected one function. Name a dataset with --dataset; separate symbols with commas, for example --symbols AAPL,MSFT. To publish several functions, put --all before them.',
    ],
    [
      ["sql", " "],
      'Cannot run "quiver sql" with " " for <query> (for example "select * from demo.bars limit 5"): it is empty. "quiver sql --help" lists its options.',
    ],
    [
      ["import", "", "x.csv"],
      'Cannot run "quiver import" with "" for <dataset> (name of the dataset, which is created if it is new): it is empty. "quiver import --help" lists its options.',
    ],
    [
      ["jobs", "watch", ""],
      'Cannot run "quiver jobs watch" with "" for <id> (id of the job): it is empty. "quiver jobs watch --help" lists its options.',
    ],
    [
      ["publish", "--all", "some-rsi", ""],
      'Cannot run "quiver publish" with "" for <functions> (name of the function): it is empty. "quiver publish --help" lists its options.',
    ],
    [
      ["ls", "demo/some-rsi"],
      'Cannot use "demo/some-rsi" for the dataset: expected a dataset alone; "quiver ls demo" lists its feature sets.',
    ],
    [["graph", "--mermaid=x"], "Cannot use --mermaid=x: --mermaid takes no value."],
    [
      ["serve"],
      'Cannot run "quiver serve": there is no such command. Did you mean "start"? There are invoke, publish, graph, why, check, new, import, ls, sql, training-set, rm, gc, start, dev, schedule, jobs, doctor, demo, bench.',
    ],
  ])("%j", async (args, message) => {
    expect(await here(...args)).toEqual({ code: 2, out: "", err: `${message}\n` });
  });

  test("demo --data with a data directory", async () => {
    const missing = join(root, "nope");
    expect(await runCommand(["--data", join(root, "data"), "demo", "--data", missing])).toEqual({
      code: 2,
      out: "",
      err: `Cannot import ${missing}: there is no such file. For demo, --data takes CSV or Parquet files; a data directory goes before the command, "quiver --data <directory> demo".\n`,
    });
  });
});

test("an answer without rows names the options that may have excluded them", async () => {
  const { code, err } = await here("invoke", "some-rsi", "--dataset", "demo", "--from", "2030-01-01");
  expect([code, err.split("\n").slice(1)]).toEqual([
    0,
    [
      'No rows: --symbols, --from, --to and --as-of leave none. "quiver ls <dataset>" shows which times exist.',
      "",
    ],
  ]);
});

test.each([
  ["demo", /\n3 symbols, 2023-11-\d\d to 2024-01-01\n/],
  ["minutes", /\n1 symbol, 2024-01-02T14:30:00Z to 2024-01-02T14:30:00Z\n/],
])("ls %s shows the first and the last time", async (dataset, extent) => {
  expect((await here("ls", dataset)).out).toMatch(extent);
});

test("ls says that the folder of functions does not exist", async () => {
  const functions = join(root, "none");
  const { out } = await runCommand(["ls", "--data", join(root, "data"), "--functions", functions]);
  expect(out.split("\n")[0]).toBe(
    `No functions in ${functions}, which does not exist (--functions): "quiver new my-feature" makes one.`,
  );
});

test("a setting that is given twice takes the value nearest to the command", async () => {
  writeFileSync(join(root, "file"), "");
  const { code } = await runCommand(["--data", join(root, "data"), "ls", "--data", join(root, "file", "x")]);
  expect(code).toBe(4);
});

test("gc says that nothing is published", async () => {
  expect((await here("gc", "--dry-run")).out).toBe(
    "Nothing to remove.\nKept no versions: nothing is published.\n",
  );
});

test("schedule without a file names the page that describes its format", async () => {
  expect(await here("schedule")).toEqual({
    code: 0,
    out: "No schedule: there is no file schedule.json beside the functions. docs/schedule.md describes its format.\n",
    err: "",
  });
});
