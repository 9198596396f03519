import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { readSymbolIndex } from "../../../runtime/store/read-dataset.ts";
import { removeLeftovers } from "../../../runtime/store/remove-leftovers.ts";
import { verifyDatasetFiles, verifySources } from "../../support/verify-files.ts";
import { expectRefusal, NOW, openImport, type ImportBench } from "./open-import.ts";

let bench: ImportBench;
beforeEach(async () => {
  bench = await openImport();
});
afterEach(() => bench.close());

const day = (number: number, symbols = ["A", "B"]) =>
  `symbol,date,close\n${symbols.map((symbol) => `${symbol},2024-01-0${number},${10 + number}`).join("\n")}\n`;
const tree = (dir: string): string[] =>
  existsSync(dir) ? readdirSync(dir, { recursive: true }).map(String).toSorted() : [];

describe("importFiles() of files that are there already", () => {
  test("changes no byte, whether all are known or some, under their names or others", async () => {
    const one = bench.file("one.csv", day(2));
    const two = bench.file("two.csv", day(3));
    await bench.run({ files: [one] });
    const path = join(bench.dataDir, "bars", "dataset.json");
    const before = readFileSync(path, "utf8");
    const again = await bench.run({ files: [one] });
    expect({ ...again, stages: [] }).toMatchObject({
      importId: null,
      changed: false,
      files: [{ path: one, status: "already-imported", in: 0, kept: 0 }],
      total: { in: 0, kept: 0, quarantined: {} },
      written: [],
    });
    expect(readFileSync(path, "utf8")).toBe(before);

    const copy = join(bench.dir, "in", "copy.csv");
    copyFileSync(one, copy);
    const some = await bench.run({ files: [copy, two] });
    expect(some.files.map(({ status, in: rows, kept }) => [status, rows, kept])).toEqual([
      ["already-imported", 0, 0],
      ["imported", 2, 2],
    ]);
    expect(bench.record().rowCount).toBe(4);
    expect(bench.record().sources.map((source) => source.path)).toEqual([one, two]);
  });

  test("imports one content given twice once, and one content for two symbols twice", async () => {
    const bare = bench.file("bare.csv", "date,close\n2024-01-02,10\n");
    const copy = bench.file("copy.csv", "date,close\n2024-01-02,10\n");
    const report = await bench.run({ files: [bare, copy], symbol: "A" });
    expect(report.files.map((file) => file.status).toSorted()).toEqual(["already-imported", "imported"]);
    await bench.run({ files: [bare], symbol: "B" });
    expect(await bench.stored("symbol, close")).toEqual([
      ["A", "10"],
      ["B", "10"],
    ]);
    expect((await bench.run({ files: [bare], symbol: "B" })).changed).toBe(false);
  });

  test("reads a file again when its content is other under the same name", async () => {
    const path = bench.file("live.csv", day(2));
    await bench.run({ files: [path] });
    writeFileSync(path, day(2) + day(3).split("\n").slice(1).join("\n"));
    const report = await bench.run({ files: [path] });
    expect(report.total).toEqual({ in: 4, kept: 2, quarantined: { "identical-repeat": 2 }, warnings: {} });
  });

  test("goes by what the dataset was told the first time", async () => {
    const minutes = (hour: string) =>
      `ticker;when;last;note\nA;2024-01-02 ${hour}:30;10;x\nA;2024-01-02 ${hour}:31;11;x\n`;
    const options = {
      mapping: { symbol: "ticker", ts: "when", close: "last" },
      ignore: ["note"],
      timezone: "America/New_York",
    };
    await bench.run({
      files: [bench.file("one.csv", minutes("09"))],
      ...options,
      calendar: "us-equities",
      stamp: "start",
    });
    await bench.run({ files: [bench.file("two.csv", minutes("10"))] });
    expect(await bench.stored("symbol, strftime(timezone('UTC', ts), '%H:%M'), close")).toEqual([
      ["A", "14:30", "10"],
      ["A", "14:31", "11"],
      ["A", "15:30", "10"],
      ["A", "15:31", "11"],
    ]);
  });
});

describe("importFiles() of files under other names than before", () => {
  test("forgets an inherited mapping that these files have no use for, and never one that is given", async () => {
    const mapping = { symbol: "ticker", close: "last" };
    await bench.run({
      files: [bench.file("one.csv", "ticker,date,last,x\nA,2024-01-02,1,9\n")],
      mapping,
      ignore: ["x"],
    });
    const two = bench.file("two.csv", "symbol,ts,close\nA,2024-01-03,2\n");
    await expectRefusal(
      bench.run({ files: [two], mapping }),
      "unknown-column",
      `Cannot import ${two}: it has no column "ticker", which was given for symbol. Its columns are symbol, ts, close.`,
    );
    await bench.run({ files: [two] });
    await bench.run({ files: [bench.file("three.csv", "ticker,date,last,x\nA,2024-01-04,3,9\n")] });
    expect(await bench.stored("ts, close")).toEqual([
      ["2024-01-02", "1"],
      ["2024-01-03", "2"],
      ["2024-01-04", "3"],
    ]);
  });

  test("takes a header and a symbol column before inherited names and an inherited pattern", async () => {
    const bare = bench.file("A-2.csv", "2024-01-02,12\n");
    await bench.run({ files: [bare], columns: ["date", "close"], symbolPattern: "^([A-Z]+)-" });
    await bench.run({ files: [bench.file("B-3.csv", "2024-01-03,13\n")] });
    const report = await bench.run({ files: [bench.file("C-4.csv", day(4, ["D"]))] });
    expect(report.total.kept).toBe(1);
    expect(await bench.stored("symbol, ts")).toEqual([
      ["A", "2024-01-02"],
      ["B", "2024-01-03"],
      ["D", "2024-01-04"],
    ]);
  });
});

describe("importFiles() of day after day", () => {
  test("adds a file a time, keeps the index right, and is ordered as long as the files are", async () => {
    const layouts = [];
    for (const [at, text] of [
      day(2, ["B", "C"]),
      day(3, ["X"]),
      day(4, ["C", "Z"]),
      day(5, ["A"]),
    ].entries()) {
      layouts.push(
        (
          await bench.run(
            { files: [bench.file(`${at}.csv`, text)] },
            { now: () => new Date(NOW.getTime() + at * 1000) },
          )
        ).layout,
      );
    }
    expect(layouts).toEqual(["ordered", "ordered", "overlapping", "overlapping"]);
    const record = bench.record();
    expect(record.files.map((file) => [file.firstSymbol, file.lastSymbol, file.rowCount])).toEqual([
      ["A", "A", 1],
      ["B", "C", 2],
      ["C", "Z", 2],
      ["X", "X", 1],
    ]);
    const [d2, d3, d4, d5] = [19724, 19725, 19726, 19727];
    expect(readSymbolIndex(bench.dataDir, record)).toEqual({
      formatVersion: 1,
      symbols: ["A", "B", "C", "X", "Z"],
      rowCounts: [1, 1, 2, 1, 1],
      firstTs: [d5, d2, d2, d3, d4],
      lastTs: [d5, d2, d4, d3, d4],
      firstRows: null,
    });
    expect([record.firstTs, record.lastTs]).toEqual([d2, d5]);
  });

  test("one symbol's files that follow one another in time stay ordered, with row ranges", async () => {
    await bench.run({ files: [bench.file("1.csv", day(2, ["A"]))] });
    await bench.run({ files: [bench.file("2.csv", day(4, ["A"]))] });
    const record = bench.record();
    expect(record.layout).toBe("ordered");
    expect(readSymbolIndex(bench.dataDir, record)).toMatchObject({
      symbols: ["A"],
      rowCounts: [2],
      firstRows: [0],
    });
    await bench.run({ files: [bench.file("3.csv", day(3, ["A"]))] });
    // 2, 4, 3: sorted by their first day they follow one another again.
    expect(bench.record().layout).toBe("ordered");
    expect(await bench.stored("ts")).toEqual([["2024-01-02"], ["2024-01-03"], ["2024-01-04"]]);
  });

  test("gives the fingerprint of the same rows and files, and another for other rows", async () => {
    const path = bench.file("1.csv", day(2));
    const one = await bench.run({ dataset: "one", files: [path] });
    const two = await bench.run(
      { dataset: "two", files: [path] },
      { now: () => new Date(NOW.getTime() + 5_000_000) },
    );
    expect(two.fingerprint).toBe(one.fingerprint);
    const other = await bench.run({ dataset: "three", files: [path], calendar: "us-equities" });
    expect(other.fingerprint).not.toBe(one.fingerprint);
    const more = await bench.run({ dataset: "one", files: [bench.file("2.csv", day(3))] });
    expect(more.fingerprint).not.toBe(one.fingerprint);
  });

  test("of other data than before under other symbols than ASCII sorts by code point", async () => {
    const symbols = ["Ａ", "𝒜", "Z", "é", "a", "中"];
    await bench.run({ files: [bench.file("1.csv", day(2, symbols))] });
    const expected = symbols.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    expect((await bench.stored("symbol")).flat()).toEqual(expected);
    expect(readSymbolIndex(bench.dataDir, bench.record()).symbols).toEqual(expected);
  });
});

describe("the files of an import", () => {
  test("are verified by content where size, time or inode differ", async () => {
    const path = bench.file("1.csv", day(2));
    await bench.run({ files: [path] });
    const record = bench.record();
    expect(verifySources(record)).toEqual([{ path, state: "unchanged" }]);
    utimesSync(path, 1, 1);
    expect(verifySources(record)).toEqual([{ path, state: "touched" }]);
    writeFileSync(path, day(3));
    expect(verifySources(record)).toEqual([{ path, state: "changed" }]);
    const stored = join(bench.dataDir, "bars", record.files[0]!.path);
    expect(verifyDatasetFiles(bench.dataDir, record)).toEqual([{ path: stored, state: "unchanged" }]);
    const bytes = readFileSync(stored);
    bytes[20] = bytes[20]! ^ 1;
    writeFileSync(stored, bytes);
    expect(verifyDatasetFiles(bench.dataDir, record)).toEqual([{ path: stored, state: "changed" }]);
    expect(
      verifySources({ ...record, sources: record.sources.map((s) => ({ ...s, path: "/nowhere/1.csv" })) }),
    ).toEqual([{ path: "/nowhere/1.csv", state: "missing" }]);
  });

  test("that a newer record no longer names stay for ten minutes and go then", async () => {
    await bench.run({ files: [bench.file("1.csv", day(2))] });
    const old = bench.record();
    await bench.run({ files: [bench.file("2.csv", day(2).replaceAll("12", "13"))] });
    const stored = tree(join(bench.dataDir, "bars", "bars"));
    expect(stored).toContain(old.files[0]!.path.slice(5));
    expect(removeLeftovers(bench.dataDir, "bars", 600_000)).toEqual([]);
    const removed = removeLeftovers(bench.dataDir, "bars", 600_000, Date.now() + 700_000);
    expect(removed.toSorted()).toEqual(
      [old.files[0]!.path, old.index.path].map((path) => join(bench.dataDir, "bars", path)).toSorted(),
    );
    expect(
      verifyDatasetFiles(bench.dataDir, bench.record()).every((file) => file.state === "unchanged"),
    ).toBe(true);
  });

  test("that an import left half-way are gone after the next, and only they", async () => {
    await bench.run({ files: [bench.file("1.csv", `${day(2)}A,bad,1\n`)] });
    const good = tree(join(bench.dataDir, "bars"));
    mkdirSync(join(bench.dataDir, "bars", ".staging", "dead"), { recursive: true });
    writeFileSync(join(bench.dataDir, "bars", ".staging", "dead", "x.parquet"), "half");
    writeFileSync(join(bench.dataDir, "bars", "bars", "orphan.parquet"), "half");
    writeFileSync(join(bench.dataDir, "bars", "quarantine", "orphan.parquet"), "half");
    writeFileSync(join(bench.dataDir, "bars", "dataset.json.tmp-1"), "{");
    expect(removeLeftovers(bench.dataDir, "bars")).toHaveLength(4);
    expect(tree(join(bench.dataDir, "bars"))).toEqual(good);
  });

  test("are not taken when they change while they are read", async () => {
    const path = bench.file("1.csv", day(2));
    await expectRefusal(
      bench.run(
        { files: [path] },
        { onProgress: ({ stage }) => stage === "write" && utimesSync(path, 5, 5) },
      ),
      "source-changed",
      `Cannot import ${path}: it was modified while it was being read. Nothing was imported; import it again when its writer has finished.`,
    );
    expect(tree(bench.dataDir)).toEqual([]);
  });
});

describe("importFiles() that is cancelled", () => {
  test("before it starts and in the middle leaves nothing, and the connection works on", async () => {
    const path = bench.file("1.csv", day(2));
    const early = AbortSignal.abort();
    await expectRefusal(
      bench.run({ files: [path] }, { signal: early }),
      "import-cancelled",
      "Stopped importing into bars: the import was cancelled. Nothing was changed.",
    );
    for (const stage of ["inspect", "stage", "write"]) {
      const controller = new AbortController();
      await expectRefusal(
        bench.run(
          { files: [path] },
          { signal: controller.signal, onProgress: (at) => at.stage === stage && controller.abort() },
        ),
        "import-cancelled",
        `Stopped importing into bars (${stage}): the import was cancelled. Nothing was changed.`,
      );
      expect(tree(bench.dataDir)).toEqual([]);
    }
    expect((await bench.run({ files: [path] })).total.kept).toBe(2);
    expect(await bench.sql("SELECT count(*) FROM duckdb_views() WHERE NOT internal")).toEqual([["0"]]);
    expect(await bench.sql("SELECT count(*) FROM duckdb_tables()")).toEqual([["0"]]);
  });
});
