import { DuckDBInstance } from "@duckdb/node-api";
import { tableFromIPC } from "apache-arrow";
import { parquetReadObjects } from "hyparquet";
import { readFileSync } from "node:fs";
import { zstdDecompressSync } from "node:zlib";
import { readParquet } from "parquet-wasm";

/** Rows as a reader saw them: floats as the hex of their bits (so that -0 and 0 differ), null as null. */
export type Judged = Record<string, (string | null)[]>;

export interface JudgedColumn {
  readonly name: string;
  readonly type: "utf8" | "float64" | "float32" | "int32" | "int64" | "bool" | "date32" | "timestamp";
}

export type Judge = (path: string, columns: readonly JudgedColumn[]) => Promise<Judged>;

/** Three readers that share no code with the encoder nor with each other. */
export const JUDGES: Readonly<Record<string, Judge>> = {
  DuckDB: readWithDuckdb,
  "parquet-wasm": readWithParquetWasm,
  hyparquet: readWithHyparquet,
};

const float = new Float64Array(1);
const bits = new BigUint64Array(float.buffer);

/** One value in the form of `Judged`. */
export function judged(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "number") {
    float[0] = value;
    return bits[0]!.toString(16);
  }
  return textOf(value);
}

async function readWithDuckdb(path: string, columns: readonly JudgedColumn[]): Promise<Judged> {
  const rows = await queryDuckdb(
    `select ${columns.map(duckdbExpression).join(", ")} from read_parquet('${path}')`,
  );
  return Object.fromEntries(
    columns.map(({ name, type }, index) => [
      name,
      rows.map((row) => (type.startsWith("float") ? judged(row[index]) : textOf(row[index]))),
    ]),
  );
}

export async function queryDuckdb(sql: string): Promise<unknown[][]> {
  const instance = await DuckDBInstance.create();
  const connection = await instance.connect();
  try {
    return (await connection.runAndReadAll(sql)).getRows();
  } finally {
    connection.closeSync();
    instance.closeSync();
  }
}

function duckdbExpression({ name, type }: JudgedColumn): string {
  if (type === "date32") return `"${name}" - DATE '1970-01-01'`;
  if (type === "timestamp") return `epoch_us("${name}")`;
  return `"${name}"`;
}

async function readWithParquetWasm(path: string, columns: readonly JudgedColumn[]): Promise<Judged> {
  const table = tableFromIPC(readParquet(readFileSync(path)).intoIPCStream());
  const result: Judged = {};
  for (const { name, type } of columns) {
    const out: (string | null)[] = [];
    const vector = table.getChild(name);
    // The vector converts dates and times to milliseconds; its raw values do not.
    for (const data of vector?.data ?? []) {
      for (let i = 0; i < data.length; i++) {
        if (!data.getValid(i)) out.push(null);
        else if (type === "utf8" || type === "bool") out.push(textOf(vector?.get(out.length)));
        else if (type === "float64" || type === "float32") out.push(judged(data.values[i]));
        else out.push(textOf(data.values[i]));
      }
    }
    result[name] = out;
  }
  return result;
}

async function readWithHyparquet(path: string, columns: readonly JudgedColumn[]): Promise<Judged> {
  const bytes = readFileSync(path);
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength);
  const rows = await parquetReadObjects({
    file,
    compressors: { ZSTD: (input) => new Uint8Array(zstdDecompressSync(input)) },
    parsers: { dateFromDays: keep, timestampFromMicroseconds: keep },
  });
  return Object.fromEntries(
    columns.map(({ name, type }) => [
      name,
      rows.map((row) => (type.startsWith("float") ? judged(row[name]) : textOf(row[name]))),
    ]),
  );
}

function keep(value: unknown): unknown {
  return value;
}

function textOf(value: unknown): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === "string") return value;
  if (typeof value === "number" || typeof value === "bigint" || typeof value === "boolean")
    return value.toString();
  throw new TypeError(`A reader gave a ${typeof value} where a plain value was expected`);
}
