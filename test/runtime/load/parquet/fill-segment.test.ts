import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { tableFromArrays, tableToIPC } from "apache-arrow";
import * as parquet from "parquet-wasm";
import { readColumnFile, type ColumnType } from "../../../../shared/arrow/index.ts";
import { converterFor } from "../../../../runtime/load/parquet/convert-values.ts";
import { UnreadablePage } from "../../../../runtime/load/parquet/read-pages.ts";
import {
  fillSegment,
  type FileRows,
  type SegmentColumn,
} from "../../../../runtime/load/parquet/fill-segment.ts";
import { readParquetMetadata } from "../../../../runtime/load/parquet/parquet-metadata.ts";

const ROWS = 10_000;
const dir = mkdtempSync(join(tmpdir(), "quiver-parquet-"));
let connection: DuckDBConnection;

beforeAll(async () => {
  connection = await (await DuckDBInstance.create(":memory:")).connect();
  await connection.run("SET TimeZone = 'UTC'");
});

afterAll(() => {
  connection.disconnectSync();
  rmSync(dir, { recursive: true, force: true });
});

interface Stored {
  readonly name: string;
  readonly stored: ColumnType;
  readonly sql: string;
}

/** Columns of every readable type whose values make a writer choose dictionaries, runs and plain pages. */
const SHAPES: readonly Stored[] = [
  { name: "plain_float", stored: "float32", sql: "(hash(i) % 1000003 / 7)::FLOAT" },
  { name: "plain_double", stored: "float64", sql: "hash(i) % 1000003 / 7.0::DOUBLE" },
  { name: "plain_int", stored: "int32", sql: "(hash(i)::DECIMAL(20) % 4000000000 - 2000000000)::INTEGER" },
  {
    name: "plain_long",
    stored: "int64",
    sql: "((hash(i) % 18000000000000000000)::DECIMAL(20) - 9000000000000000000)::BIGINT",
  },
  { name: "few_floats", stored: "float32", sql: "((hash(i) % 37) / 3)::FLOAT" },
  { name: "few_doubles", stored: "float64", sql: "(hash(i) % 37) / 3" },
  { name: "runs", stored: "int32", sql: "(i // 700)::INTEGER" },
  { name: "constant", stored: "int64", sql: "-7::BIGINT" },
  { name: "day", stored: "date32", sql: "DATE '2000-01-01' + (i % 2500)::INTEGER" },
  { name: "moment", stored: "timestamp", sql: "make_timestamp(i * 60000000 - 1) AT TIME ZONE 'UTC'" },
];

const NULLS: Readonly<Record<string, string>> = {
  "no nulls": "false",
  "some nulls": "hash(i + 1) % 3 = 0",
  "runs of nulls": "i % 1000 < 900",
  "nulls at the end": "i > 9000",
  "only nulls": "true",
};

async function write(name: string, isNull: string, options: string, shapes = SHAPES): Promise<string> {
  const path = join(dir, `${name.replaceAll(/\W+/g, "-")}.parquet`);
  const list = shapes.map((shape) => `CASE WHEN ${isNull} THEN NULL ELSE ${shape.sql} END AS ${shape.name}`);
  await connection.run(
    `COPY (SELECT ${list.join(", ")} FROM range(${ROWS}) t(i)) TO '${path}' (FORMAT parquet, ${options})`,
  );
  return path;
}

/** Rows as the reader gives them: eight-byte integers as bigint, missing ones as null, missing floats as NaN. */
function read(
  reads: readonly FileRows[],
  { name, stored }: Stored,
  wanted: SegmentColumn["wanted"] = stored as never,
) {
  const path = join(dir, `${name}.arrow`);
  const rowCount = reads.reduce((sum, { firstRow, endRow }) => sum + endRow - firstRow, 0);
  const [part] = fillSegment({
    reads,
    rows: { firstRow: 0, rowCount },
    columns: [{ name, stored, wanted, path }],
  });
  const { data, validity } = readColumnFile(readFileSync(path), path);
  let nullCount = 0;
  const values = Array.from({ length: rowCount }, (_, row) => {
    const isValid = validity === undefined || ((validity[row >> 3]! >> (row & 7)) & 1) === 1;
    if (!isValid) nullCount++;
    return isValid ? data[row]! : null;
  });
  expect(part!.nullCount).toBe(nullCount);
  return values;
}

/** The same rows as DuckDB reads them. */
async function expected(path: string, { name, stored }: Stored, from: number, end: number) {
  const sql: Partial<Record<ColumnType, string>> = {
    date32: `${name} - DATE '1970-01-01'`,
    timestamp: `epoch_us(${name})`,
  };
  const reader = await connection.runAndReadAll(
    `SELECT ${sql[stored] ?? name} FROM read_parquet('${path}', file_row_number = true) WHERE file_row_number >= ${from} AND file_row_number < ${end} ORDER BY file_row_number`,
  );
  const isFloat = stored === "float32" || stored === "float64";
  return reader.getRows().map(([value]) => {
    if (value === null) return isFloat ? Number.NaN : null;
    return stored === "date32" ? Number(value) : value;
  });
}

describe.each(Object.entries(NULLS))("fillSegment() reads what DuckDB wrote with %s", (nulls, isNull) => {
  test.each([
    "COMPRESSION zstd",
    "COMPRESSION uncompressed",
    "COMPRESSION zstd, ROW_GROUP_SIZE 2048",
    "COMPRESSION zstd, PARQUET_VERSION V1, DICTIONARY_SIZE_LIMIT 1",
  ])("%s", async (options) => {
    const path = await write(`${nulls} ${options}`, isNull, options);
    const metadata = readParquetMetadata(path);
    expect(metadata.rowCount).toBe(ROWS);
    for (const shape of SHAPES) {
      const column = metadata.columns.find(({ name }) => name === shape.name);
      expect(converterFor(column, shape.stored, shape.stored), shape.name).toBeDefined();
      const all = await expected(path, shape, 0, ROWS);
      for (const [firstRow, endRow] of [
        [0, ROWS],
        [0, 1],
        [ROWS - 1, ROWS],
        [2_040, 4_100],
        [5_000, 5_000],
      ] as const) {
        const rows = read([{ path, firstRow, endRow }], shape);
        expect(rows, `${shape.name} ${firstRow}–${endRow}`).toEqual(all.slice(firstRow, endRow));
      }
    }
  });
});

describe("fillSegment()", () => {
  test("joins rows of several files and places in the order given", async () => {
    const shape = SHAPES.find(({ name }) => name === "few_floats")!;
    const one = await write("join one", "false", "COMPRESSION zstd, ROW_GROUP_SIZE 2048");
    const two = await write("join two", "hash(i + 1) % 3 = 0", "COMPRESSION uncompressed");
    const reads = [
      { path: two, firstRow: 100, endRow: 3_000 },
      { path: one, firstRow: 2_000, endRow: 2_100 },
      { path: two, firstRow: 0, endRow: 5 },
    ];
    const parts = await Promise.all(reads.map((r) => expected(r.path, shape, r.firstRow, r.endRow)));
    expect(read(reads, shape)).toEqual(parts.flat());
  });

  test("widens floats and integers to doubles, nulls to NaN", async () => {
    const path = await write("widen", "hash(i + 1) % 3 = 0", "COMPRESSION zstd");
    for (const name of ["plain_float", "few_floats", "plain_int", "runs", "day", "plain_long", "moment"]) {
      const shape = SHAPES.find((candidate) => candidate.name === name)!;
      const wanted = (await expected(path, shape, 0, ROWS)).map((value) =>
        value === null ? Number.NaN : Number(value),
      );
      expect(read([{ path, firstRow: 0, endRow: ROWS }], shape, "float64"), name).toEqual(wanted);
    }
  });

  test.each([
    ["small pages", { page: 2_000, version: parquet.WriterVersion.V1, dictionary: true }],
    ["plain pages", { page: 2_000, version: parquet.WriterVersion.V1, dictionary: false }],
    [
      "a dictionary given up half-way",
      { page: 4_000, version: parquet.WriterVersion.V1, dictionary: true, limit: 3_000 },
    ],
  ])("reads another writer's file with %s", (name, { page, version, dictionary, ...more }) => {
    const doubles = Float64Array.from({ length: ROWS }, (_, i) => Math.sin(i % 900) * 10);
    const integers = Int32Array.from({ length: ROWS }, (_, i) => (i * 7919) % 1201);
    const longs = BigInt64Array.from({ length: ROWS }, (_, i) => BigInt((i * 31) % 1500) - 700n);
    const path = join(dir, `wasm-${name.replaceAll(" ", "-")}.parquet`);
    let properties = new parquet.WriterPropertiesBuilder()
      .setCompression(parquet.Compression.ZSTD)
      .setWriterVersion(version)
      .setDataPageSizeLimit(page)
      .setWriteBatchSize(256)
      .setDictionaryEnabled(dictionary)
      .setMaxRowGroupSize(4_000);
    if ("limit" in more) properties = properties.setDictionaryPageSizeLimit(more.limit);
    const table = parquet.Table.fromIPCStream(
      tableToIPC(tableFromArrays({ doubles, integers, longs }), "stream"),
    );
    writeFileSync(path, parquet.writeParquet(table, properties.build()));
    const all = [{ path, firstRow: 0, endRow: ROWS }];
    expect(read(all, { name: "doubles", stored: "float64", sql: "" })).toEqual(Array.from(doubles));
    expect(read(all, { name: "integers", stored: "int32", sql: "" })).toEqual(Array.from(integers));
    expect(read(all, { name: "longs", stored: "int64", sql: "" })).toEqual(Array.from(longs));
  });

  test("leaves to DuckDB what it does not read: other codecs, encodings, pages and meanings", async () => {
    const readable = (path: string, name: string, stored: ColumnType, wanted = stored) =>
      converterFor(
        readParquetMetadata(path).columns.find((column) => column.name === name),
        stored,
        wanted,
      ) !== undefined;
    const snappy = await write("snappy", "false", "COMPRESSION snappy");
    expect(readable(snappy, "runs", "int32")).toBe(false);
    const delta = await write("delta", "false", "COMPRESSION zstd, PARQUET_VERSION V2");
    expect(readable(delta, "plain_int", "int32")).toBe(false);
    const shapes: readonly Stored[] = [
      { name: "text", stored: "utf8", sql: "'t' || i" },
      { name: "flag", stored: "bool", sql: "i % 2 = 0" },
      { name: "nanos", stored: "timestamp", sql: "make_timestamp_ns(i)" },
      { name: "list", stored: "int32", sql: "[i]" },
    ];
    const other = await write("other", "false", "COMPRESSION zstd", shapes);
    for (const { name, stored } of shapes) expect(readable(other, name, stored), name).toBe(false);
    const path = await write("conversions", "false", "COMPRESSION zstd");
    expect(readable(path, "plain_double", "float64", "int32")).toBe(false);
    expect(readable(path, "absent", "float64")).toBe(false);
    expect(readable(path, "plain_double", "float32")).toBe(false);
  });

  test("names a page of a kind that only shows when it is met", () => {
    const table = parquet.Table.fromIPCStream(
      tableToIPC(tableFromArrays({ doubles: Float64Array.of(1, 2, 3) }), "stream"),
    );
    const path = join(dir, "v2-pages.parquet");
    const properties = new parquet.WriterPropertiesBuilder()
      .setCompression(parquet.Compression.ZSTD)
      .setWriterVersion(parquet.WriterVersion.V2)
      .build();
    writeFileSync(path, parquet.writeParquet(table, properties));
    const before = readdirSync(dir);
    expect(() =>
      read([{ path, firstRow: 0, endRow: 3 }], { name: "doubles", stored: "float64", sql: "" }),
    ).toThrow(new UnreadablePage("a page of type 3"));
    expect(readdirSync(dir)).toEqual(before);
  });

  test("refuses rows that the file does not have", async () => {
    const path = await write("short", "false", "COMPRESSION zstd");
    expect(() => read([{ path, firstRow: 0, endRow: ROWS + 1 }], SHAPES[0]!)).toThrow(
      `${path} has 10000 rows`,
    );
  });

  test.each([
    ["an empty file", ""],
    ["a short file", "PAR1PAR1"],
    ["text", "symbol,ts,close\nA,2024-01-02,1\n"],
    ["a footer longer than the file", `${"x".repeat(40)}\u00ff\u00ff\u00ff\u007fPAR1`],
  ])("refuses %s", (_name, content) => {
    const path = join(dir, "refused.parquet");
    writeFileSync(path, content, "latin1");
    expect(() => readParquetMetadata(path)).toThrow(RangeError);
    expect(() => readParquetMetadata(path)).toThrow(path);
  });

  test("ends in an error or in values for every damaged byte, never in a crash or without end", async () => {
    const shapes = SHAPES.filter(({ name }) => ["few_floats", "runs", "moment"].includes(name));
    const path = join(dir, "damaged.parquet");
    const list = shapes.map(({ name, sql }) => `CASE WHEN i % 7 = 0 THEN NULL ELSE ${sql} END AS ${name}`);
    await connection.run(
      `COPY (SELECT ${list.join(", ")} FROM range(120) t(i)) TO '${path}' (FORMAT parquet, COMPRESSION uncompressed)`,
    );
    const whole = readFileSync(path);
    let refused = 0;
    for (let at = 0; at < whole.length; at++) {
      const bytes = Buffer.from(whole);
      bytes[at]! ^= 0xff;
      writeFileSync(path, bytes);
      try {
        for (const shape of shapes) read([{ path, firstRow: 0, endRow: 120 }], shape);
      } catch (error) {
        refused++;
        const isExpected = error instanceof RangeError || error instanceof UnreadablePage;
        if (!isExpected) throw new Error(`byte ${at} ends in ${String(error)}`, { cause: error });
      }
    }
    expect(refused).toBeGreaterThan(whole.length / 20);
  });
});
