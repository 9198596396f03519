import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { tableFromIPC } from "apache-arrow";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { columnFileName } from "../../../shared/protocol/column-file-name.ts";
import { openSink } from "../../../runtime/child/sinks/open-sink.ts";
import type { OutputBatch, SinkOptions } from "../../../runtime/child/sinks/output-batch.ts";
import { encodePrefix, END_OF_STREAM, readColumnFile } from "../../../shared/arrow/index.ts";
import type { ResolvedColumn } from "../../../shared/contract/describe.ts";
import { decodeUnitFacts, LATE_UNITS_FILE } from "../../../shared/row-checksum/index.ts";

let outDir: string;
beforeEach(() => {
  outDir = mkdtempSync(join(tmpdir(), "quiver-sinks-"));
});
afterEach(() => rmSync(outDir, { recursive: true }));

const column = (name: string, type: ResolvedColumn["type"]): ResolvedColumn => ({
  name,
  type,
  nullable: true,
  unit: "none",
});
const OUTPUTS = [
  column("f64", "float64"),
  column("f32", "float32"),
  column("i32", "int32"),
  column("i64", "int64"),
  column("flag", "bool"),
  column("text", "utf8"),
];

function options(more: Partial<SinkOptions> = {}): SinkOptions {
  return {
    outDir,
    outputs: OUTPUTS,
    symbols: ["A", "B"],
    tsType: "date32",
    keyed: true,
    ownRows: true,
    resume: null,
    ...more,
  };
}

/** Rows whose value is their number; null if it is divisible by 3, infinite if by 5. */
function batch(firstRow: number, rowCount: number): OutputBatch {
  const rows = Array.from({ length: rowCount }, (_, i) => firstRow + i);
  const valid = () => Uint8Array.from(rows, (row) => (row % 3 === 0 ? 0 : 1));
  const float = (row: number) => (row % 3 === 0 ? NaN : row % 5 === 0 ? Infinity : row);
  return {
    rowCount,
    units: [
      { symbol: 0, rowCount: 1 },
      { symbol: 1, rowCount: rowCount - 1 },
    ],
    ts: Int32Array.from(rows),
    columns: [
      { values: Float64Array.from(rows, float) },
      { values: Float32Array.from(rows, float) },
      { values: Int32Array.from(rows, (row) => -row), valid: valid() },
      { values: BigInt64Array.from(rows, BigInt), valid: valid() },
      { values: Uint8Array.from(rows, (row) => row % 2), valid: valid() },
      { text: rows.map((row) => (row % 3 === 0 ? null : "é".repeat(row % 4))) },
    ],
  };
}

/** Sizes on both sides of a byte of bits. */
const SIZES = [1, 7, 8, 9, 64, 3];
const ROW_COUNT = SIZES.reduce((sum, size) => sum + size, 0);
const rows = Array.from({ length: ROW_COUNT }, (_, row) => row);
const nullRows = rows.filter((row) => row % 3 === 0).length;
const infRows = rows.filter((row) => row % 3 !== 0 && row % 5 === 0).length;

function writeAll(sink: ReturnType<typeof openSink>): ReturnType<typeof sink.close> {
  let row = 0;
  for (const size of SIZES) {
    sink.write(batch(row, size));
    row += size;
  }
  return sink.close();
}

describe("the Arrow sink", () => {
  test("writes batches that the reference implementation reads, and counts nulls and infinities", () => {
    const { batches, files, columns } = writeAll(openSink({ kind: "arrow", file: "out.arrow" }, options()));
    expect(batches.map((one) => one.rowCount)).toEqual(SIZES);
    expect(columns.map(({ nullCount, infCount }) => [nullCount, infCount])).toEqual([
      [nullRows + infRows, infRows],
      [nullRows + infRows, infRows],
      ...Array.from({ length: 4 }, () => [nullRows, 0]),
    ]);
    const bytes = readFileSync(join(outDir, "out.arrow"));
    expect(files).toEqual([{ file: "out.arrow", byteLength: bytes.length, sha256: null }]);
    const fields = [
      { name: "symbol", type: "dictionary" as const, nullable: false },
      { name: "ts", type: "date32" as const, nullable: false },
      ...OUTPUTS.map(({ name, type }) => ({ name, type, nullable: true })),
    ];
    const { prefix } = encodePrefix({ fields }, new Map([[0, ["A", "B"]]]), "stream");
    const table = tableFromIPC(Buffer.concat([prefix, bytes, END_OF_STREAM]));
    const value = (name: string) => rows.map((row): unknown => table.getChild(name)!.get(row));
    const wanted = (make: (row: number) => unknown, finite = false) =>
      rows.map((row) => (row % 3 === 0 || (finite && row % 5 === 0) ? null : make(row)));
    expect(value("f64")).toEqual(wanted((row) => row, true));
    expect(value("f32")).toEqual(wanted((row) => row, true));
    expect(value("i32")).toEqual(wanted((row) => -row));
    expect(value("i64")).toEqual(wanted(BigInt));
    expect(value("flag")).toEqual(wanted((row) => row % 2 === 1));
    expect(value("text")).toEqual(wanted((row) => "é".repeat(row % 4)));
    expect(value("symbol").slice(0, 4)).toEqual(["A", "A", "B", "B"]);
  });
});

describe("text", () => {
  test("of any kind is UTF-8, halves of surrogate pairs apart", () => {
    const outputs = [column("text", "utf8")];
    const sink = openSink({ kind: "arrow", file: "t.arrow" }, options({ outputs, keyed: false }));
    const text = ["", "a\ud83d", "\ude00b", "😀", null, "漢字"];
    sink.write({ rowCount: text.length, units: [], ts: null, columns: [{ text }] });
    sink.close();
    const fields = [{ name: "text", type: "utf8" as const, nullable: true }];
    const { prefix } = encodePrefix({ fields }, new Map(), "stream");
    const table = tableFromIPC(Buffer.concat([prefix, readFileSync(join(outDir, "t.arrow")), END_OF_STREAM]));
    expect(text.map((_, row): unknown => table.getChild("text")!.get(row))).toEqual([
      "",
      "a\ufffd",
      "\ufffdb",
      "😀",
      null,
      "漢字",
    ]);
  });
});

describe("the columns sink", () => {
  test("writes files that are mapped as inputs: NaN in floats, a bitmap for the others, no text", () => {
    const { files } = writeAll(openSink({ kind: "columns" }, options()));
    expect(files.map(({ file }) => file)).toEqual(
      ["f64", "f32", "i32", "i64", "flag", "ts"].map(columnFileName),
    );
    const read = (name: string) => {
      const bytes = readFileSync(join(outDir, columnFileName(name)));
      expect(bytes.length).toBe(files.find(({ file }) => file === columnFileName(name))?.byteLength);
      return readColumnFile(bytes, name);
    };
    expect(Array.from(read("f64").data, Number)).toEqual(
      rows.map((row) => (row % 3 === 0 || row % 5 === 0 ? NaN : row)),
    );
    for (const name of ["i32", "i64", "flag"]) {
      const { validity, rowCount } = read(name);
      expect(rowCount).toBe(ROW_COUNT);
      expect(rows.map((row) => (validity![row >> 3]! >> (row & 7)) & 1)).toEqual(
        rows.map((row) => (row % 3 === 0 ? 0 : 1)),
      );
    }
    expect(Array.from(read("ts").data, Number)).toEqual(rows);
    expect(read("f64").validity).toBeUndefined();
  });

  test("leaves out times that are the row set's, and bitmaps where nothing is null", () => {
    const outputs = [column("i32", "int32")];
    const sink = openSink({ kind: "columns" }, options({ outputs, ownRows: false }));
    const valid = Uint8Array.of(1, 1);
    sink.write({ rowCount: 2, units: [], ts: null, columns: [{ values: Int32Array.of(4, 5), valid }] });
    expect(sink.close().files.map(({ file }) => file)).toEqual([columnFileName("i32")]);
    const file = readColumnFile(readFileSync(join(outDir, columnFileName("i32"))), "i32");
    expect([Array.from(file.data, Number), file.validity]).toEqual([[4, 5], undefined]);
  });
});

describe("the Parquet sink", () => {
  test("refuses text, which the server refuses before", () => {
    expect(() =>
      openSink({ kind: "parquet", file: "a.parquet", codec: "zstd", level: 1 }, options()),
    ).toThrow(
      'Cannot publish the output "text": it is text, and feature Parquet holds numbers, booleans and times. Give it as an ' +
        "int32 code, or invoke the function instead of publishing it.",
    );
  });

  const outputs = [column("f64", "float64"), column("flag", "bool")];
  /** The given number of rows of A and of B, from a first row on. */
  const rowsFrom = (row: number, a: number, b: number): OutputBatch => ({
    rowCount: a + b,
    units: [
      { symbol: 0, rowCount: a },
      { symbol: 1, rowCount: b },
    ].filter((unit) => unit.rowCount > 0),
    ts: Int32Array.from([...Array(a).keys(), ...Array(b).keys()], (i) => row + i),
    columns: [
      {
        values: Float64Array.from([...Array(a).keys(), ...Array(b).keys()], (i) =>
          i % 3 === 0 ? NaN : row + i,
        ),
      },
      { values: new Uint8Array(a + b).fill(1), valid: new Uint8Array(a + b).fill(1) },
    ],
  });
  const factsIn = (folder: string, file: string) =>
    decodeUnitFacts(readFileSync(join(outDir, folder, file)))!;
  const open = (folder: string, cuts: readonly number[]) => {
    mkdirSync(join(outDir, folder));
    return openSink(
      { kind: "parquet", file: "part.parquet", codec: "zstd", level: 1, cuts },
      options({ outDir: join(outDir, folder), outputs }),
    );
  };

  test("keeps late rows in a file of their own, whose checksums go on where those of the settled ones end", () => {
    const sink = open("late", [1]);
    sink.write(rowsFrom(10, 6, 3));
    sink.write(rowsFrom(16, 3, 0), true);
    sink.write(rowsFrom(13, 0, 3), true);
    const result = sink.close(Float64Array.of(7, 8));
    expect(result.files.map(({ file }) => file)).toEqual(["part.parquet", "part-1.parquet", "late.parquet"]);
    expect(result.columns.map(({ nullCount }) => nullCount)).toEqual([2 + 1 + 1 + 1, 0]);
    const { facts, more } = factsIn("late", "units.bin");
    expect([facts.symbols, facts.rowCounts, facts.lastTs, Array.from(facts.states)]).toEqual([
      ["A", "B"],
      [6, 3],
      [15, 12],
      [7, 8],
    ]);
    expect(more.files).toMatchObject([{ isLate: false }, { isLate: false }, { isLate: true, rowCount: 6 }]);
    // The same rows with nothing late, in the same order within each symbol.
    const whole = open("whole", []);
    whole.write(rowsFrom(10, 6, 0));
    whole.write(rowsFrom(16, 3, 0));
    whole.write(rowsFrom(10, 0, 3));
    whole.write(rowsFrom(13, 0, 3));
    whole.close();
    const ends = factsIn("late", LATE_UNITS_FILE).facts;
    const wanted = factsIn("whole", "units.bin").facts;
    expect([ends.symbols, ends.rowCounts, ends.words]).toEqual([
      wanted.symbols,
      wanted.rowCounts,
      wanted.words,
    ]);
  });

  test("writes no file where there are no rows, and the facts all the same", () => {
    expect(open("none", [1]).close()).toMatchObject({
      files: [],
      columns: [{ name: "f64", nullCount: 0 }, { name: "flag" }],
      checksumFile: "units.bin",
    });
    expect(readdirSync(join(outDir, "none"))).toEqual(["units.bin"]);
  });
});
