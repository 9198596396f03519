import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { compareCodePoints } from "../../../runtime/store/compare-code-points.ts";
import type { DatasetFile, DatasetRecord } from "../../../runtime/store/dataset.ts";
import { datasetPaths } from "../../../runtime/store/dataset-paths.ts";
import {
  findDataset,
  listDatasets,
  readDataset,
  readSymbolIndex,
} from "../../../runtime/store/read-dataset.ts";
import { buildSymbolIndex, layoutOf, orderFiles, runsOfIndex } from "../../../runtime/store/symbol-index.ts";
import { writeDataset } from "../../../runtime/store/write-dataset.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "quiver-store-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const record = (name: string): DatasetRecord => ({
  formatVersion: 1,
  name,
  kind: "attributes",
  columns: [{ name: "symbol", type: "utf8", nullable: false }],
  key: "symbol",
  eventTime: null,
  knownTime: null,
  clocks: null,
  layout: "ordered",
  files: [],
  index: { path: "bars/index-0.json", symbolCount: 0 },
  rowCount: 0,
  firstTs: null,
  lastTs: null,
  latestKnownTime: null,
  sources: [],
  counts: { in: 0, kept: 0, quarantined: {}, warnings: {} },
  fingerprint: "0",
  importedAt: "2024-06-03T12:00:00.000Z",
  rules: { allowNonPositivePrices: false, strict: false },
  defaults: {},
});
const put = (name: string) => {
  mkdirSync(datasetPaths(dataDir, name).dir, { recursive: true });
  writeDataset(dataDir, record(name));
};

describe("readDataset()", () => {
  test("gives back what writeDataset() wrote, and lists datasets by their records", () => {
    put("us-daily");
    put("cn-1min");
    mkdirSync(join(dataDir, "spool"));
    mkdirSync(join(dataDir, "half", "bars"), { recursive: true });
    writeFileSync(join(dataDir, "quiver.db"), "");
    expect(readDataset(dataDir, "us-daily")).toEqual(record("us-daily"));
    expect(listDatasets(dataDir)).toEqual(["cn-1min", "us-daily"]);
    expect(listDatasets(join(dataDir, "nowhere"))).toEqual([]);
    expect(findDataset(dataDir, "half")).toBeUndefined();
  });

  test("refuses an unknown name with the nearest, and a name that could leave the data directory", () => {
    expect(() => readDataset(dataDir, "bars")).toThrow(
      'Cannot find the dataset "bars": there is none yet. "quiver import <dataset> <files>" makes one.',
    );
    put("us-daily");
    expect(() => readDataset(dataDir, "us-dayly")).toThrow(
      'Cannot find the dataset "us-dayly": there is us-daily. Did you mean "us-daily"? "quiver import <dataset> <files>" makes one.',
    );
    for (const [name, example] of [
      ["", "us-daily"],
      ["..", "us-daily"],
      ["42", "us-daily"],
      ["../x", "x"],
      ["a/b", "a-b"],
      ["A", "a"],
      ["1a", "a"],
      ["a_b", "a-b"],
      ["My RSI", "my-rsi"],
      ["usDaily 2", "us-daily-2"],
      ["Zürich Börse!", "zurich-borse"],
      ["-a", "a"],
      ["a\0", "a"],
    ] as const) {
      expect(() => readDataset(dataDir, name)).toThrow(
        `Cannot use ${JSON.stringify(name)} as the name of a dataset: expected lower-case letters, digits and hyphens after a first letter, for example "${example}".`,
      );
    }
  });

  test("refuses damaged records and indexes, naming the file", () => {
    put("us-daily");
    const { record: path, dir } = datasetPaths(dataDir, "us-daily");
    const again = "Import the dataset's files again into a new dataset.";
    const index = join(dir, "bars", "index-0.json");
    expect(() => readSymbolIndex(dataDir, record("us-daily"))).toThrow(
      `Cannot read ${index}: it is missing. ${again}`,
    );
    mkdirSync(join(dir, "bars"));
    writeFileSync(index, "[1]");
    expect(() => readSymbolIndex(dataDir, record("us-daily"))).toThrow(
      `Cannot read ${index}: it is not a symbol index of format 1. ${again}`,
    );
    writeFileSync(path, readFileSync(path, "utf8").slice(0, 50));
    expect(() => readDataset(dataDir, "us-daily")).toThrow(`Cannot read ${path}: it is not JSON. ${again}`);
    writeFileSync(path, '{"formatVersion":2,"name":"us-daily","files":[]}');
    expect(() => readDataset(dataDir, "us-daily")).toThrow(
      `Cannot read ${path}: it is not a dataset record of format 1. ${again}`,
    );
  });
});

describe("the symbol index", () => {
  const file = (firstSymbol: string, lastSymbol: string, firstTs: number, lastTs: number): DatasetFile => ({
    path: `bars/${firstSymbol}-${firstTs}.parquet`,
    rowCount: 1,
    byteLength: 1,
    sha256: "0",
    mtimeMs: 0,
    inode: 0,
    firstSymbol,
    lastSymbol,
    firstTs,
    lastTs,
    importId: "i",
  });

  test("adds up runs of files, with row ranges where the files are ordered", () => {
    const runs = [
      { symbol: "B", rowCount: 3, firstTs: 10, lastTs: 12 },
      { symbol: "A", rowCount: 2, firstTs: 11, lastTs: 12 },
      { symbol: "B", rowCount: 1, firstTs: 5, lastTs: 5 },
    ];
    const index = buildSymbolIndex(runs, "ordered");
    expect(index).toEqual({
      formatVersion: 1,
      symbols: ["A", "B"],
      rowCounts: [2, 4],
      firstTs: [11, 5],
      lastTs: [12, 12],
      firstRows: [0, 2],
    });
    expect(buildSymbolIndex(runs, "overlapping").firstRows).toBeNull();
    expect(buildSymbolIndex(runsOfIndex(index), "ordered")).toEqual(index);
  });

  test("files are ordered when their symbols follow one another, or one symbol's times do", () => {
    const layout = (...files: DatasetFile[]) => layoutOf(orderFiles(files), false);
    expect(layout()).toBe("ordered");
    expect(layout(file("C", "D", 1, 9), file("A", "B", 1, 9))).toBe("ordered");
    expect(layout(file("A", "B", 1, 9), file("B", "C", 10, 19))).toBe("overlapping");
    expect(layout(file("A", "A", 5, 9), file("A", "A", 1, 4), file("B", "C", 1, 9))).toBe("ordered");
    expect(layout(file("A", "A", 1, 5), file("A", "A", 5, 9))).toBe("overlapping");
    expect(layout(file("A", "Z", 1, 5), file("C", "D", 6, 9))).toBe("overlapping");
    expect(layoutOf([file("A", "B", 1, 9)], true)).toBe("overlapping");
  });

  test("compareCodePoints() orders as the bytes of UTF-8 do", () => {
    const texts = [
      "",
      "A",
      "AA",
      "B",
      "a",
      "é",
      "\u0800",
      "中",
      "\ud7ff",
      "\ue000",
      "Ａ",
      "\uffff",
      "𝒜",
      "😀",
      "😀A",
      "\u{10ffff}",
    ];
    for (const a of texts) {
      for (const b of texts) {
        const expected = Buffer.compare(Buffer.from(a), Buffer.from(b));
        expect([a, b, Math.sign(compareCodePoints(a, b))]).toEqual([a, b, expected]);
      }
    }
  });
});
