import { existsSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { expectRefusal, HEADER, openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

const ROW = "A,2024-01-02,10,11,9,10.5,100";
const GOOD = `${HEADER}\n${ROW}\n`;

describe("importFiles() refuses, in one sentence and with nothing written,", () => {
  afterEach(() => {
    // Whatever was refused left no trace of a dataset.
    expect(existsSync(bench.dataDir) ? readdirSync(bench.dataDir) : []).toEqual([]);
  });

  test("no file", () =>
    expectRefusal(
      bench.run({ files: [] }),
      "source-missing",
      "Cannot import into bars: no file was given. Expected paths of CSV or Parquet files.",
    ));

  test("a name that could leave the data directory", () =>
    expectRefusal(
      bench.run({ dataset: "../evil", files: ["x.csv"] }),
      "invalid-name",
      'Cannot use "../evil" as the name of a dataset: expected lower-case letters, digits and hyphens after a first letter, for example "evil".',
    ));

  test("a missing file beside a good one", async () => {
    const good = bench.file("good.csv", GOOD);
    const path = join(bench.dir, "in", "nowhere.csv");
    await expectRefusal(
      bench.run({ files: [good, path] }),
      "source-missing",
      `Cannot import ${path}: there is no such file. Expected the path of a CSV or Parquet file.`,
    );
  });

  test("a folder", async () => {
    const path = join(bench.dir, "in");
    await expectRefusal(
      bench.run({ files: [path] }),
      "source-missing",
      `Cannot import ${path}: it is a folder. Expected files; pass ${path}/*.csv or ${path}/*.parquet for all in it.`,
    );
  });

  test("an empty file, a file of blank lines, and a file of a header alone", async () => {
    const empty = bench.file("empty.csv", "");
    await expectRefusal(
      bench.run({ files: [empty] }),
      "source-empty",
      `Cannot import ${empty}: it is empty (0 bytes). Expected a CSV or Parquet file.`,
    );
    const blank = bench.file("blank.csv", "\n \n\n");
    await expectRefusal(
      bench.run({ files: [blank] }),
      "source-empty",
      `Cannot import ${blank}: it contains only blank lines. Expected rows.`,
    );
    const header = bench.file("header.csv", `${HEADER}\n`);
    await expectRefusal(
      bench.run({ files: [header] }),
      "source-empty",
      `Cannot import ${header} into bars: there is no row of data. Expected at least one.`,
    );
  });

  test("a Parquet file cut short, one of another kind, and an encrypted one", async () => {
    const cut = await bench.parquet(
      "cut.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-02' AS ts, 1.0 AS close",
    );
    truncateSync(cut, 200);
    await expectRefusal(
      bench.run({ files: [cut] }),
      "source-malformed",
      `Cannot import ${cut}: it does not end with the bytes "PAR1": the Parquet file was cut short. Expected a whole Parquet file.`,
    );
    const text = bench.file("text.parquet", GOOD);
    await expectRefusal(
      bench.run({ files: [text] }),
      "source-malformed",
      `Cannot import ${text}: it does not begin with the bytes "PAR1", so it is not Parquet. Expected a Parquet file.`,
    );
    await bench.connection.run("SET force_mbedtls_unsafe = 'true'");
    await bench.connection.run("PRAGMA add_parquet_key('key', '0123456789112345')");
    const encrypted = join(bench.dir, "in", "encrypted.parquet");
    await bench.connection.run(
      `COPY (SELECT 'A' AS symbol, DATE '2024-01-02' AS ts, 1.0 AS close) TO '${encrypted}' (FORMAT parquet, ENCRYPTION_CONFIG {footer_key: 'key'})`,
    );
    await expectRefusal(
      bench.run({ files: [encrypted] }),
      "source-encrypted",
      `Cannot import ${encrypted}: it is an encrypted Parquet file. Expected one without encryption; decrypt it first.`,
    );
  });

  test("a Parquet file with a damaged footer", async () => {
    const path = await bench.parquet(
      "damaged.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-02' AS ts, 1.0 AS close",
    );
    const bytes = readFileSync(path);
    bytes.fill(0xff, bytes.length - 60, bytes.length - 8);
    writeFileSync(path, bytes);
    const error: unknown = await bench.run({ files: [path] }).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: "source-malformed" });
    expect(String(error)).toMatch(
      /^QuiverError: Cannot import .*damaged\.parquet: it is not a readable Parquet file \(.+\)\. Expected a whole Parquet file\.$/,
    );
  });

  test("a gzip file cut short", async () => {
    const rows = Array.from({ length: 5000 }, (_, at) => `A,2024-01-02,10,11,9,10.5,${at * 7919}`);
    const path = bench.file("cut.csv.gz", gzipSync([HEADER, ...rows].join("\n")).subarray(0, 4000));
    await expectRefusal(
      bench.run({ files: [path] }),
      "source-malformed",
      `Cannot import ${path}: its gzip stream is damaged or was cut short. Expected a whole gzip file.`,
    );
  });

  test("other compressions and binary files", async () => {
    const zip = bench.file("bars.csv", Uint8Array.from([0x50, 0x4b, 0x03, 0x04, 1, 2, 3]));
    await expectRefusal(
      bench.run({ files: [zip] }),
      "source-malformed",
      `Cannot import ${zip}: it is compressed with zip. Expected a CSV file, plain or gzip, or a Parquet file.`,
    );
    const binary = bench.file("bars.bin", Uint8Array.from([1, 2, 0, 3]));
    await expectRefusal(
      bench.run({ files: [binary] }),
      "source-malformed",
      `Cannot import ${binary}: it is binary and not Parquet. Expected a CSV file in UTF-8, plain or gzip, or a Parquet file.`,
    );
  });

  test("a file of data without a header, unless its columns are named", async () => {
    const path = bench.file("bare.csv", `${ROW}\n`);
    await expectRefusal(
      bench.run({ files: [path] }),
      "import-ambiguous",
      `Cannot import ${path}: its first line is data ("${ROW}"), so its columns have no names. Pass them in order, for example --columns symbol,ts,open,high,low,close,volume.`,
    );
    await expectRefusal(
      bench.run({ files: [path], columns: ["symbol", "date", "close"] }),
      "import-ambiguous",
      `Cannot import ${path}: its first line has 7 fields ("${ROW}"), but 3 columns were given (symbol, date, close).`,
    );
  });

  test("names of columns for files that have their own", async () => {
    const columns = ["symbol", "day", "close"];
    const csv = bench.file("own.csv", "symbol,date,last\nA,2024-01-02,10\n");
    await expectRefusal(
      bench.run({ files: [csv], columns }),
      "import-ambiguous",
      `Cannot import ${csv} with the columns symbol, day, close: its first line reads as a header (symbol, date, last). Leave --columns out, and rename columns with --map, for example --map day=date. If that line is data, put a header line above it.`,
    );
    const parquet = await bench.parquet(
      "own.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-02' AS ts, 1.0 AS close",
    );
    await expectRefusal(
      bench.run({ files: [parquet], columns }),
      "import-ambiguous",
      `Cannot import ${parquet} with the columns symbol, day, close: a Parquet file has names of its own (symbol, ts, close). Leave --columns out, and rename columns with --map, for example --map day=ts.`,
    );
  });

  test("a column name that appears twice", async () => {
    const path = bench.file("twice.csv", "symbol,date,close,close\nA,2024-01-02,1,2\n");
    await expectRefusal(
      bench.run({ files: [path] }),
      "import-ambiguous",
      `Cannot import ${path}: the column name "close" appears twice in its header (symbol, date, close, close). Expected different names.`,
    );
  });

  test("a mapping to a column that is not there, and one the wrong way round", async () => {
    const path = bench.file("good.csv", GOOD);
    await expectRefusal(
      bench.run({ files: [path], mapping: { symbol: "symbl" } }),
      "unknown-column",
      `Cannot import ${path}: it has no column "symbl", which was given for symbol. Its columns are symbol, date, open, high, low, close, volume. Did you mean "symbol"?`,
    );
    await expectRefusal(
      bench.run({ files: [path], mapping: { "Adj Close": "close" } }),
      "invalid-name",
      'Cannot map a column to "Adj Close": expected lower-case letters, digits and underscores after a first letter, for example --map symbol=ticker (the name here comes first, the file\'s second).',
    );
    await expectRefusal(
      bench.run({ files: [path], ignore: ["vwap"] }),
      "unknown-column",
      `Cannot import ${path}: it has no column "vwap", which was given for ignore. Its columns are symbol, date, open, high, low, close, volume.`,
    );
  });

  test("rows without a symbol or a time", async () => {
    const noSymbol = bench.file("2024-01-02.csv", "date,close\n2024-01-02,10\n");
    await expectRefusal(
      bench.run({ files: [noSymbol] }),
      "import-ambiguous",
      `Cannot import ${noSymbol}: it has no symbol column (its columns are date, close), and no symbol in its name. Pass --map symbol=<column>, or --symbol <name> for all its rows, or --symbol-pattern with a group around the symbol in file names.`,
    );
    const noTime = bench.file("no-time.csv", "symbol,when,close\nA,2024-01-02,10\n");
    await expectRefusal(
      bench.run({ files: [noTime] }),
      "import-ambiguous",
      `Cannot import ${noTime}: it has no column for the event time (its columns are symbol, when, close). Pass --map ts=<column>, or --map ts=<date>+<time> if two columns hold it.`,
    );
  });

  test("a symbol pattern that is none, and one that finds nothing", async () => {
    const path = bench.file("prices-1.csv", "date,close\n2024-01-02,10\n");
    await expectRefusal(
      bench.run({ files: [path], symbolPattern: "(" }),
      "request-malformed",
      'Cannot use the symbol pattern "(": it is not a regular expression. Expected one with a group around the symbol, for example "^([A-Z]+)-".',
    );
    await expectRefusal(
      bench.run({ files: [path], symbolPattern: "^([A-Z]+)-" }),
      "import-ambiguous",
      `Cannot import ${path}: the symbol pattern "^([A-Z]+)-" finds no symbol in its name. Expected a pattern with one group around the symbol, for example "^([A-Z]+)-".`,
    );
  });

  test.each([
    ["(", "it is not a regular expression"],
    ["^[A-Z]+-", "it has no group"],
    ["(?:[A-Z]+)-|\\(x\\)", "it has no group"],
    ["", "it has no group"],
  ])("the symbol pattern %j, although a column has the symbols", async (symbolPattern, why) => {
    const path = bench.file("A-1.csv", GOOD);
    await expectRefusal(
      bench.run({ files: [path], symbolPattern }),
      "request-malformed",
      `Cannot use the symbol pattern ${JSON.stringify(symbolPattern)}: ${why}. Expected one with a group around the symbol, for example "^([A-Z]+)-".`,
    );
  });

  test("a symbol pattern where a column has the symbols", async () => {
    const path = bench.file("B-1.csv", GOOD.replace("symbol", "ticker"));
    await expectRefusal(
      bench.run({ files: [path], symbolPattern: "^([A-Z]+)-" }),
      "import-ambiguous",
      `Cannot import ${path} with the symbol pattern "^([A-Z]+)-": its column "ticker" has the symbols already. Leave --symbol-pattern out; or pass --ignore ticker, and the symbol is taken from the file's name.`,
    );
  });

  test("prices that are text, and a type no dataset can hold", async () => {
    const text = await bench.parquet(
      "text.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-02' AS ts, 'ten' AS close",
    );
    await expectRefusal(
      bench.run({ files: [text] }),
      "import-ambiguous",
      `Cannot import ${text}: its close has the type utf8. Expected numbers; pass --map close=<column> or --separator.`,
    );
    const nested = await bench.parquet(
      "nested.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-02' AS ts, 1.0 AS close, [1, 2] AS levels",
    );
    await expectRefusal(
      bench.run({ files: [nested] }),
      "import-ambiguous",
      `Cannot import ${nested}: its column "levels" has the type INTEGER[], which a dataset cannot store. Expected numbers, text, booleans, dates or timestamps; leave it out with --ignore levels.`,
    );
  });

  test("files with different columns in one import", async () => {
    const one = bench.file("one.csv", "symbol,date,close\nA,2024-01-02,10\n");
    const two = bench.file("two.csv", "symbol,date,open,volume\nA,2024-01-03,10,5\n");
    await expectRefusal(
      bench.run({ files: [one, two] }),
      "dataset-conflict",
      `Cannot import ${one}: its columns differ from those of the files beside it: it lacks open, volume. Map columns with --map, leave some out with --ignore, or import it into a separate dataset.`,
    );
  });

  test("a file of which no row can be kept", async () => {
    const path = bench.file(
      "zero.csv",
      `${HEADER}\nA,2024-01-02,0,0,0,0,1\nA,2024-01-03,10,9,11,10,1\n,2024-01-03,10,9,11,10,1\n`,
    );
    await expectRefusal(
      bench.run({ files: [path] }),
      "nothing-imported",
      `Cannot import ${path} into bars: none of 3 rows could be kept (1 null-key, 1 non-positive-price, 1 high-below-low). Nothing was changed; check the columns and their mapping.`,
    );
  });
});
