import { tableFromIPC } from "apache-arrow";
import { DuckDBInstance } from "@duckdb/node-api";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { ResultFormat } from "../../../shared/protocol/result.ts";
import { RESULT_FORMATS } from "../../../runtime/formats/media-types.ts";
import type { ResultBatch } from "../../../runtime/formats/result-batch.ts";
import { writeResult } from "../../../runtime/formats/write-result.ts";
import { collectBytes, sampleBatches, sampleHead, type SampleColumn } from "./sample-result.ts";

const labels = new Map([[0, ["AAPL", 'B"Q', "茅台"]]]);
const columns: readonly SampleColumn[] = [
  { name: "symbol", type: "dictionary", values: [0, 1, 2, null] },
  { name: "ts", type: "timestamp", values: [1_709_908_200_000_000n, 1_709_908_200_000_001n, -1n, null] },
  { name: "day", type: "date32", values: [19_790, -1, 0, null] },
  { name: "f64", type: "float64", values: [0.1, Number.NaN, Number.NEGATIVE_INFINITY, null] },
  { name: "f32", type: "float32", values: [Math.fround(95.23), 1, Math.fround(1e-7), null] },
  { name: "i32", type: "int32", values: [-7, 0, 2_147_483_647, null] },
  {
    name: "i64",
    type: "int64",
    values: [9_007_199_254_740_992n, 9_007_199_254_740_993n, -9_223_372_036_854_775_808n, null],
  },
  { name: "ok", type: "bool", values: [true, false, true, null] },
  { name: "a,b", type: "utf8", values: ["", 'say "hi"', "zwei\nZeilen", null] },
];
const head = sampleHead(columns, labels);
const write = async (format: ResultFormat, rowsPerBatch = 3) =>
  collectBytes(writeResult(format, head, sampleBatches(columns, rowsPerBatch)));
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

describe.each(["arrow.stream", "arrow.file"] as const)("writeResult() as %s", (format) => {
  test("is read by apache-arrow, batch by batch, value by value", async () => {
    const table = tableFromIPC(await write(format));
    expect(table.batches.map((batch) => batch.numRows)).toEqual([3, 1]);
    expect(table.schema.fields.map(String)).toEqual([
      "symbol: Dictionary<Int32, Utf8>",
      "ts: Timestamp<MICROSECOND, UTC>",
      "day: Date32<DAY>",
      "f64: Float64",
      "f32: Float32",
      "i32: Int32",
      "i64: Int64",
      "ok: Bool",
      "a,b: Utf8",
    ]);
    expect([...table.getChild("symbol")!]).toEqual(["AAPL", 'B"Q', "茅台", null]);
    expect([...table.getChild("f64")!]).toEqual([0.1, Number.NaN, Number.NEGATIVE_INFINITY, null]);
    expect([...table.getChild("i64")!]).toEqual(columns[6]!.values);
    expect([...table.getChild("ok")!]).toEqual([true, false, true, null]);
    expect([...table.getChild("a,b")!]).toEqual(["", 'say "hi"', "zwei\nZeilen", null]);
  });

  test("passes the batch's buffers on without a copy", async () => {
    const batches: ResultBatch[] = [];
    const kept = (async function* () {
      for await (const batch of sampleBatches(columns)) {
        batches.push(batch);
        yield batch;
      }
    })();
    const buffers = new Set<ArrayBufferLike>();
    for await (const chunk of writeResult(format, head, kept)) buffers.add(chunk.buffer);
    for (const column of batches[0]!.columns) expect(buffers.has(column.values.buffer)).toBe(true);
  });
});

describe("writeResult() as csv", () => {
  test("quotes by RFC 4180, leaves nulls empty and writes empty strings as quotes", async () => {
    expect(text(await write("csv"))).toBe(
      [
        'symbol,ts,day,f64,f32,i32,i64,ok,"a,b"',
        'AAPL,2024-03-08T14:30:00Z,2024-03-08,0.1,95.23,-7,9007199254740992,true,""',
        '"B""Q",2024-03-08T14:30:00.000001Z,1969-12-31,NaN,1,0,9007199254740993,false,"say ""hi"""',
        '茅台,1969-12-31T23:59:59.999999Z,1970-01-01,-Infinity,1e-7,2147483647,-9223372036854775808,true,"zwei\nZeilen"',
        ",,,,,,,,",
        "",
      ].join("\r\n"),
    );
  });
});

describe("writeResult() as json and ndjson", () => {
  const expected = [
    '{"symbol":"AAPL","ts":"2024-03-08T14:30:00Z","day":"2024-03-08","f64":0.1,"f32":95.23,"i32":-7,"i64":9007199254740992,"ok":true,"a,b":""}',
    String.raw`{"symbol":"B\"Q","ts":"2024-03-08T14:30:00.000001Z","day":"1969-12-31","f64":null,"f32":1,"i32":0,"i64":"9007199254740993","ok":false,"a,b":"say \"hi\""}`,
    String.raw`{"symbol":"茅台","ts":"1969-12-31T23:59:59.999999Z","day":"1970-01-01","f64":null,"f32":1e-7,"i32":2147483647,"i64":"-9223372036854775808","ok":true,"a,b":"zwei\nZeilen"}`,
    '{"symbol":null,"ts":null,"day":null,"f64":null,"f32":null,"i32":null,"i64":null,"ok":null,"a,b":null}',
  ];

  test("ndjson is one object a line", async () => {
    expect(text(await write("ndjson"))).toBe(`${expected.join("\n")}\n`);
  });

  test("json is one array of the same objects", async () => {
    const bytes = await write("json", 1);
    expect(text(bytes)).toBe(`[\n${expected.join(",\n")}\n]\n`);
    expect(JSON.parse(text(bytes))).toHaveLength(4);
  });
});

describe("writeResult() as parquet", () => {
  const dir = mkdtempSync(join(tmpdir(), "quiver-parquet-"));
  afterAll(() => rmSync(dir, { recursive: true }));
  const readBack = async (bytes: Uint8Array, sql: string) => {
    const path = join(dir, "result.parquet");
    writeFileSync(path, bytes);
    const connection = await (await DuckDBInstance.create(":memory:")).connect();
    await connection.run("set TimeZone = 'UTC'");
    const rows = (
      await connection.runAndReadAll(sql.replace("$file", `read_parquet('${path}')`))
    ).getRowsJson();
    connection.closeSync();
    return rows;
  };

  test("is read by DuckDB: types, values, nulls", async () => {
    const bytes = await write("parquet");
    const types = await readBack(bytes, "describe from $file");
    expect(types.map(([name, type]) => [name, type])).toEqual([
      ["symbol", "VARCHAR"],
      ["ts", "TIMESTAMP WITH TIME ZONE"],
      ["day", "DATE"],
      ["f64", "DOUBLE"],
      ["f32", "FLOAT"],
      ["i32", "INTEGER"],
      ["i64", "BIGINT"],
      ["ok", "BOOLEAN"],
      ["a,b", "VARCHAR"],
    ]);
    const rows = await readBack(bytes, 'select symbol, epoch_us(ts), day, i64, "a,b" from $file');
    expect(rows).toEqual([
      ["AAPL", "1709908200000000", "2024-03-08", "9007199254740992", ""],
      ['B"Q', "1709908200000001", "1969-12-31", "9007199254740993", 'say "hi"'],
      ["茅台", "-1", "1970-01-01", "-9223372036854775808", "zwei\nZeilen"],
      [null, null, null, null, null],
    ]);
  });

  test("makes row groups of at most 122,880 rows from batches of any size", async () => {
    const long: SampleColumn[] = [
      { name: "n", type: "int32", values: Array.from({ length: 300_000 }, (_, row) => row) },
    ];
    const bytes = await collectBytes(writeResult("parquet", sampleHead(long), sampleBatches(long, 70_001)));
    const groups = await readBack(
      bytes,
      `select row_group_id, any_value(row_group_num_rows) from parquet_metadata('${join(dir, "result.parquet")}') group by all order by all`,
    );
    expect(groups).toEqual([
      ["0", "122880"],
      ["1", "122880"],
      ["2", "54240"],
    ]);
    expect(await readBack(bytes, "select count(*), sum(n) from $file")).toEqual([["300000", "44999850000"]]);
  });
});

describe.each(Object.keys(RESULT_FORMATS) as ResultFormat[])("writeResult() as %s", (format) => {
  const fail = new Error("the source broke");

  test("writes a result without rows, with its columns where the format has them", async () => {
    const bytes = await collectBytes(writeResult(format, head, sampleBatches([])));
    if (format === "json") expect(text(bytes)).toBe("[]\n");
    else if (format === "ndjson") expect(bytes.length).toBe(0);
    else if (format === "csv") expect(text(bytes)).toBe('symbol,ts,day,f64,f32,i32,i64,ok,"a,b"\r\n');
    else if (format === "parquet") expect(text(bytes.slice(-4))).toBe("PAR1");
    else expect(tableFromIPC(bytes).schema.fields).toHaveLength(9);
  });

  test("never ends well when the batches fail: the reader gets their error", async () => {
    const broken = (async function* () {
      yield* sampleBatches(columns, 1);
      throw fail;
    })();
    await expect(collectBytes(writeResult(format, head, broken))).rejects.toBe(fail);
  });

  test("asks for no more batches once the reader has gone, and closes their source", async () => {
    let pulls = 0;
    let closed = false;
    const long: SampleColumn[] = [
      { name: "n", type: "int64", values: Array.from({ length: 200_000 }, (_, row) => BigInt(row)) },
    ];
    const inner = sampleBatches(long, 1000, () => pulls++);
    // Not a generator: one that was never started would not notice that it is closed.
    const source: AsyncIterableIterator<ResultBatch> = {
      [Symbol.asyncIterator]: () => source,
      next: async () => inner.next(),
      return: async () => {
        closed = true;
        return inner.return(undefined);
      },
    };
    const chunks = writeResult(format, sampleHead(long), source, 1_000_000);
    await chunks.next();
    await chunks.return(undefined);
    expect(closed).toBe(true);
    expect(pulls).toBeLessThan(200);
  });

  test("refuses a row more than the limit", async () => {
    const { isLimited, names } = RESULT_FORMATS[format];
    const [name] = names;
    const problem = {
      code: "row-limit-exceeded",
      message: isLimited
        ? `Cannot answer: the result has more than the 3 rows that are the limit for ${name}. ` +
          "Ask for fewer rows (WHERE, LIMIT, `from`, `to`, `symbols`), raise `limit`, " +
          "or take a format without one: arrow, parquet or csv."
        : "Cannot answer: the result has more than the 3 rows that `limit` allows. " +
          "Ask for fewer rows (WHERE, LIMIT, `from`, `to`, `symbols`), or raise `limit` or leave it out.",
      facts: { rowLimit: 3, format: name },
    };
    const refused = collectBytes(writeResult(format, head, sampleBatches(columns, 2), 3));
    await expect(refused).rejects.toMatchObject(problem);
    const whole = await collectBytes(writeResult(format, head, sampleBatches(columns, 2), 4));
    expect(whole.length).toBe((await write(format, 2)).length);
  });
});

describe("a row limit", () => {
  const rows = (count: number): SampleColumn[] => [
    { name: "n", type: "int32", values: Array.from({ length: count }, (_, row) => row) },
  ];
  test.each(["json", "ndjson"] as const)("of 100,000 rows refuses %s without a byte", async (format) => {
    const most = rows(100_000);
    await collectBytes(writeResult(format, sampleHead(most), sampleBatches(most, 30_000), 100_000));
    const over = rows(100_001);
    await expect(
      writeResult(format, sampleHead(over), sampleBatches(over, 30_000), 100_000).next(),
    ).rejects.toMatchObject({
      code: "row-limit-exceeded",
    });
  });
  test.each(["csv", "arrow.stream"] as const)("is left out: %s has every row", async (format) => {
    const over = rows(100_001);
    const bytes = await collectBytes(writeResult(format, sampleHead(over), sampleBatches(over, 30_000)));
    expect(bytes.length).toBeGreaterThan(400_000);
  });
});
