import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
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
      `Cannot import ${blank}: it holds blank lines only. Expected rows.`,
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
      `Cannot import ${path}: its first line has 7 fields ("${ROW}"), and 3 columns were given (symbol, date, close).`,
    );
  });

  test("a column name that stands twice", async () => {
    const path = bench.file("twice.csv", "symbol,date,close,close\nA,2024-01-02,1,2\n");
    await expectRefusal(
      bench.run({ files: [path] }),
      "import-ambiguous",
      `Cannot import ${path}: the column name "close" stands twice in its header (symbol, date, close, close). Expected different names.`,
    );
  });

  test("a mapping to a column that is not there, and one the wrong way round", async () => {
    const path = bench.file("good.csv", GOOD);
    await expectRefusal(
      bench.run({ files: [path], mapping: { symbol: "symbl" } }),
      "unknown-column",
      `Cannot import ${path}: it has no column "symbl", named for symbol. Its columns are symbol, date, open, high, low, close, volume. Did you mean "symbol"?`,
    );
    await expectRefusal(
      bench.run({ files: [path], mapping: { "Adj Close": "close" } }),
      "invalid-name",
      'Cannot map a column to "Adj Close": expected lower-case letters, digits and underscores after a first letter, for example --map symbol=ticker (the name here comes first, the file\'s second).',
    );
    await expectRefusal(
      bench.run({ files: [path], ignore: ["vwap"] }),
      "unknown-column",
      `Cannot import ${path}: it has no column "vwap", named for ignore. Its columns are symbol, date, open, high, low, close, volume.`,
    );
  });

  test("rows without a symbol or a time", async () => {
    const noSymbol = bench.file("2024-01-02.csv", "date,close\n2024-01-02,10\n");
    await expectRefusal(
      bench.run({ files: [noSymbol] }),
      "import-ambiguous",
      `Cannot import ${noSymbol}: none of its columns is the symbol (date, close), and its name shows none. Pass --map symbol=<column>, or --symbol <name> for all its rows, or --symbol-pattern with a group around the symbol in file names.`,
    );
    const noTime = bench.file("no-time.csv", "symbol,when,close\nA,2024-01-02,10\n");
    await expectRefusal(
      bench.run({ files: [noTime] }),
      "import-ambiguous",
      `Cannot import ${noTime}: none of its columns is the event time (symbol, when, close). Pass --map ts=<column>, or --map ts=<date>+<time> where it stands in two.`,
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

  test("a form of time it does not know, and one that could be two", async () => {
    const path = bench.file("forms.csv", "symbol,date,close\nA,03/04/2024,10\n");
    await expectRefusal(
      bench.run({ files: [path] }),
      "import-ambiguous",
      `Cannot import ${path}: the form of the event time in date is not known (for example "03/04/2024"). Pass --time-format with a strptime format, for example "%d/%m/%Y %H:%M".`,
    );
  });

  test("intraday times without a zone", async () => {
    const csv = bench.file("naive.csv", "symbol,time,close\nA,2024-01-02 09:30,10\nA,2024-01-02 09:31,10\n");
    await expectRefusal(
      bench.run({ files: [csv], calendar: "us-equities" }),
      "timezone-needed",
      `Cannot import ${csv}: the times in its column "time" have no zone (for example "2024-01-02 09:30"). Pass the zone they are written in, for example --tz America/New_York, --tz Asia/Shanghai or --tz UTC.`,
    );
    const parquet = await bench.parquet(
      "naive.parquet",
      "SELECT 'A' AS symbol, TIMESTAMP '2024-01-02 09:30' AS ts, 1.0 AS close",
    );
    await expectRefusal(
      bench.run({ files: [parquet] }),
      "timezone-needed",
      `Cannot import ${parquet}: the times in its column "ts" have no zone (for example "2024-01-02 09:30:00"). Pass the zone they are written in, for example --tz America/New_York, --tz Asia/Shanghai or --tz UTC.`,
    );
  });

  test("a zone, a calendar and sessions that are not", async () => {
    const path = bench.file(
      "zoned.csv",
      "symbol,time,close\nA,2024-01-02T09:30Z,10\nA,2024-01-02T09:31Z,10\n",
    );
    await expectRefusal(
      bench.run({ files: [path], timezone: "Mars/Base" }),
      "unknown-timezone",
      'Cannot use the time zone "Mars/Base": it is not known. Expected an IANA name such as "America/New_York", "Asia/Shanghai" or "UTC".',
    );
    await expectRefusal(
      bench.run({ files: [path], calendar: "us-equites" }),
      "unknown-calendar",
      'Cannot use the calendar "us-equites": there is none of that name. Expected one of 24x7, cn-equities, us-equities. Did you mean "us-equities" or "cn-equities"?',
    );
    const hours = {
      timezone: "UTC",
      weekdays: [1],
      intervals: [{ open: "16:00", close: "09:30" }],
      holidays: [],
      halfDays: [],
    };
    await expectRefusal(
      bench.run({ files: [path], sessions: hours }),
      "invalid-sessions",
      "Cannot use these trading sessions: the times 16:00–09:30 do not ascend.",
    );
  });

  test("bars of a length nobody can tell", async () => {
    const path = bench.file("one.csv", "symbol,time,close\nA,2024-01-02T09:30Z,10\n");
    await expectRefusal(
      bench.run({ files: [path] }),
      "import-ambiguous",
      `Cannot import ${path}: the length of its bars cannot be told from their times. Pass it in seconds, for example --interval 60.`,
    );
  });

  test("minutes whose time of day was lost on the way", async () => {
    const path = await bench.parquet(
      "minutes.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-02' + (i // 240)::INT AS date, 10.0 + i AS close FROM range(480) AS t(i)",
    );
    await expectRefusal(
      bench.run({ files: [path] }),
      "time-of-day-lost",
      `Cannot import ${path}: 480 different rows stand under 2 pairs of symbol and date, up to 240 under one. Its column "date" holds only dates: a date64 column of minutes loses its time of day in Parquet. Write it as a timestamp; or, if the rows were observed at different times, name the column that says when with --known-at.`,
    );
    await expectRefusal(
      bench.run({ files: [path], intervalSeconds: 60 }),
      "time-of-day-lost",
      `Cannot import ${path} as bars of 60 seconds: every time in date is midnight. A date64 column loses its minutes in Parquet: write it as a timestamp, or pass --interval 1d for daily bars.`,
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
      `Cannot import ${text}: its close is utf8. Expected numbers; pass --map close=<column> or --separator.`,
    );
    const nested = await bench.parquet(
      "nested.parquet",
      "SELECT 'A' AS symbol, DATE '2024-01-02' AS ts, 1.0 AS close, [1, 2] AS levels",
    );
    await expectRefusal(
      bench.run({ files: [nested] }),
      "import-ambiguous",
      `Cannot import ${nested}: its column "levels" is of type INTEGER[], which a dataset cannot hold. Expected numbers, text, booleans, dates or timestamps; leave it out with --ignore levels.`,
    );
  });

  test("files with different columns in one import", async () => {
    const one = bench.file("one.csv", "symbol,date,close\nA,2024-01-02,10\n");
    const two = bench.file("two.csv", "symbol,date,open,volume\nA,2024-01-03,10,5\n");
    await expectRefusal(
      bench.run({ files: [one, two] }),
      "dataset-conflict",
      `Cannot import ${one}: its columns are not those of the files beside it: it lacks open, volume. Map columns with --map, leave some out with --ignore, or import it into a dataset of its own.`,
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
      `Cannot import ${path} into bars: of 3 rows none could be kept (1 null-key, 1 non-positive-price, 1 high-below-low). Nothing was changed; check the columns and their mapping.`,
    );
  });
});

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
      `Cannot import ${path}: its columns are not those of the dataset bars: it has money besides. Map columns with --map, leave some out with --ignore, or import it into a dataset of its own.`,
    );
    const fewer = bench.file("fewer.csv", "symbol,date,close\nA,2024-01-03,10\n");
    await expectRefusal(
      bench.run({ files: [fewer] }),
      "dataset-conflict",
      `Cannot import ${fewer}: its columns are not those of the dataset bars: it lacks open, high, low, volume. Map columns with --map, leave some out with --ignore, or import it into a dataset of its own.`,
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
      `Cannot import ${minutes} into the dataset bars: the dataset has daily dates, the file times of day. Import it into a dataset of its own.`,
    );
    const known = bench.file("known.csv", `${HEADER},seen\n${ROW},20240103\n`);
    await expectRefusal(
      bench.run({ files: [known] }),
      "dataset-conflict",
      `Cannot import ${known} into the dataset bars: the dataset has no known time, the file has one. Import it into a dataset of its own.`,
    );
    const next = bench.file("next.csv", GOOD.replace("01-02", "01-03"));
    await expectRefusal(
      bench.run({ files: [next], calendar: "24x7" }),
      "dataset-conflict",
      "Cannot import into the dataset bars with calendar 24x7: the dataset has calendar us-equities, and all its rows go by it. Leave --calendar out, or import into a dataset of its own.",
    );
    await expectRefusal(
      bench.run({ files: [next], strict: true }),
      "dataset-conflict",
      "Cannot import into the dataset bars with strict true: its rows so far were checked with strict false. Leave the option out, or import into a dataset of its own.",
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
      /^QuiverError: Cannot go on importing into bars: the system refuses it \(.+\)\. Nothing was changed; expected a data directory this user may write\.$/,
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

describe("importFiles() refuses options that make no sense:", () => {
  test.each([
    [{ kind: "ticks" }, 'Cannot import with the kind "ticks": expected one of bars, series, attributes.'],
    [{ stamp: "middle" }, 'Cannot import with the stamp "middle": expected one of start, end.'],
    [
      { separator: "\n" },
      'Cannot import with the separator "\\n": expected one to eight characters without a quote or a line break.',
    ],
    [
      { separator: "" },
      'Cannot import with the separator "": expected one to eight characters without a quote or a line break.',
    ],
    [
      { intervalSeconds: 0 },
      'Cannot import with the interval 0: expected a whole number of seconds above zero, or "1d".',
    ],
    [
      { intervalSeconds: 1.5 },
      'Cannot import with the interval 1.5: expected a whole number of seconds above zero, or "1d".',
    ],
    [
      { availabilitySeconds: -1 },
      "Cannot import with the availability -1: expected a number of seconds, zero or more.",
    ],
    [
      { priceScale: 0 },
      "Cannot import with the price scale 0: expected a number above zero, for example 10000.",
    ],
    [{ symbol: " " }, 'Cannot import with the symbol " ": expected a name.'],
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
    // As they come over HTTP: the types do not hold there.
    const request = JSON.parse(JSON.stringify({ files: [path], ...options })) as { files: string[] };
    await expectRefusal(bench.run(request), "request-malformed", message);
    expect(existsSync(bench.dataDir)).toBe(false);
  });

  test("a symbol for all rows of a file that has its own", async () => {
    const path = bench.file("good.csv", GOOD);
    await expectRefusal(
      bench.run({ files: [path], symbol: "A" }),
      "import-ambiguous",
      `Cannot import ${path}: its column "symbol" would be called symbol, and the symbol is given. Expected --map to give it another name, or --ignore symbol.`,
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
