import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectRefusal, HEADER, openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

const ROW = "A,2024-01-02,10,11,9,10.5,100";
const GOOD = `${HEADER}\n${ROW}\n`;

describe("importFiles() refuses what does not fit the dataset, which stays as it is:", () => {
  let before: string;
  const record = () => readFileSync(join(bench.dataDir, "bars", "dataset.json"), "utf8");
  beforeEach(async () => {
    await bench.run({ files: [bench.file("first.csv", GOOD)], calendar: "us-equities" });
    before = record();
  });
  afterEach(() => {
    expect(record()).toBe(before);
    expect(existsSync(join(bench.dataDir, "bars", ".staging"))).toBe(false);
  });

  test("other columns", async () => {
    const path = bench.file("more.csv", `${HEADER},money\n${ROW},5\n`);
    await expectRefusal(
      bench.run({ files: [path] }),
      "dataset-conflict",
      `Cannot import ${path}: its columns differ from those of the dataset bars: it also has money. Map columns with --map, leave some out with --ignore, or import it into a separate dataset.`,
    );
    const fewer = bench.file("fewer.csv", "symbol,date,close\nA,2024-01-03,10\n");
    await expectRefusal(
      bench.run({ files: [fewer] }),
      "dataset-conflict",
      `Cannot import ${fewer}: its columns differ from those of the dataset bars: it lacks open, high, low, volume. Map columns with --map, leave some out with --ignore, or import it into a separate dataset.`,
    );
  });

  test("intraday rows, a known time, other clocks and other rules", async () => {
    const minutes = bench.file(
      "minutes.csv",
      `${HEADER}\nA,2024-01-02T14:30Z,10,11,9,10.5,100\nA,2024-01-02T14:31Z,10,11,9,10.5,100\n`,
    );
    await expectRefusal(
      bench.run({ files: [minutes], intervalSeconds: 60 }),
      "dataset-conflict",
      `Cannot import ${minutes} into the dataset bars: the dataset has daily dates, the file times of day. Import it into a separate dataset.`,
    );
    const known = bench.file("known.csv", `${HEADER},seen\n${ROW},20240103\n`);
    await expectRefusal(
      bench.run({ files: [known] }),
      "dataset-conflict",
      `Cannot import ${known} into the dataset bars: the dataset has no known time, the file has one. Import it into a separate dataset.`,
    );
    const next = bench.file("next.csv", GOOD.replace("01-02", "01-03"));
    await expectRefusal(
      bench.run({ files: [next], calendar: "24x7" }),
      "dataset-conflict",
      "Cannot import into the dataset bars with calendar 24x7: the dataset has calendar us-equities, which applies to all its rows. Leave --calendar out, or import into a separate dataset.",
    );
    await expectRefusal(
      bench.run({ files: [next], strict: true }),
      "dataset-conflict",
      "Cannot import into the dataset bars with strict true: its existing rows were checked with strict false. Leave the option out, or import into a separate dataset.",
    );
  });

  test("a time of day in daily data is one unparsable row, not a changed clock", async () => {
    const path = bench.file(
      "late.csv",
      `${HEADER}\n${ROW.replace("01-02", "01-03")}\nA,2024-01-04 10:00,10,11,9,10.5,100\n`,
    );
    const report = await bench.run({ files: [path], dataset: "other" });
    expect(report.total).toEqual({ in: 2, kept: 1, quarantined: { unparsable: 1 }, warnings: {} });
  });
});

describe("importFiles() where it cannot write", () => {
  test("says that the data directory is none", async () => {
    const path = bench.file("good.csv", GOOD);
    const blocked = bench.file("blocked", "a file where a folder should be");
    const error: unknown = await bench
      .run({ files: [path] }, { dataDir: blocked })
      .catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "data-dir-unwritable" });
    expect(String(error)).toMatch(
      /^QuiverError: Cannot continue importing into bars: the system refuses it \(.+\)\. Nothing was changed; expected a data directory that this user may write to\.$/,
    );
  });

  test("leaves the old dataset whole when the new files cannot be put in place", async () => {
    await bench.run({ files: [bench.file("first.csv", GOOD)] });
    const before = bench.record();
    // A folder in the place of the quarantine file makes the last rename fail.
    const next = bench.file("next.csv", `${GOOD}${ROW}\n`);
    const blocker = join(bench.dataDir, "bars", "dataset.json.tmp-" + process.pid);
    mkdirSync(blocker);
    await expect(bench.run({ files: [next] })).rejects.toThrow();
    expect(bench.record()).toEqual(before);
  });
});

describe("importFiles() refuses options that contradict each other:", () => {
  test.each([
    [
      { symbol: "A", symbolPattern: "(.*)" },
      'Cannot give all rows the symbol "A": a pattern for symbols is given as well. Expected one of the two.',
    ],
    [
      { symbol: "A", mapping: { symbol: "symbol" } },
      'Cannot give all rows the symbol "A": a mapped symbol column is given as well. Expected one of the two.',
    ],
  ])("%j", async (options, message) => {
    const path = bench.file("good.csv", GOOD);
    await expectRefusal(bench.run({ files: [path], ...options }), "request-malformed", message);
    expect(existsSync(bench.dataDir)).toBe(false);
  });

  test("a symbol for all rows of a file that has its own", async () => {
    const path = bench.file("good.csv", GOOD);
    await expectRefusal(
      bench.run({ files: [path], symbol: "A" }),
      "import-ambiguous",
      `Cannot import ${path}: its column "symbol" would be called symbol, but the symbol is given. Expected --map to give it another name, or --ignore symbol.`,
    );
    const report = await bench.run({ files: [path], symbol: "B", ignore: ["symbol"] });
    expect(report.total.kept).toBe(1);
    expect(await bench.stored("symbol")).toEqual([["B"]]);
  });

  test("two columns that would have one name", async () => {
    const path = bench.file("two.csv", "symbol,date,close,Adj Close,adjClose\nA,2024-01-02,1,2,3\n");
    await expectRefusal(
      bench.run({ files: [path] }),
      "import-ambiguous",
      `Cannot import ${path}: more than one of its columns would be called adj_close (Adj Close, adjClose). Expected a mapping such as --map adj_close=Adj Close, and --ignore for the others.`,
    );
  });
});
