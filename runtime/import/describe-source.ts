import { closeSync, createReadStream, openSync, readSync } from "node:fs";
import { createGunzip } from "node:zlib";
import type { DuckDBConnection } from "@duckdb/node-api";
import { defined } from "../../shared/defined.ts";
import { messageOf, QuiverError } from "../../shared/errors/index.ts";
import { firstLine } from "./import-errors.ts";
import type { ImportRequest } from "../../shared/protocol/import.ts";
import { sniffCsv, type CsvDialect } from "./sniff-csv.ts";
import type { SourceFile } from "./source-files.ts";
import { quoteName, quoteText, quoteTexts } from "../../shared/sql-text.ts";

/** A column of a file. All columns of a CSV file are VARCHAR. */
export interface SourceColumn {
  readonly name: string;
  readonly type: string;
}

/** The columns of a file, with a sample of its rows for inference. */
export interface SourceShape {
  readonly file: SourceFile;
  readonly columns: readonly SourceColumn[];
  /** Null for Parquet. */
  readonly dialect: CsvDialect | null;
  /** Values as text, one array per row, in column order; null for a missing value. */
  readonly sample: readonly (readonly (string | null)[])[];
}

const SAMPLE_ROWS = 2000;
const SAMPLE_BYTES = 1 << 16;

/**
 * Reads the beginning of every file. Among Parquet files with the same columns only the first is sampled; one query
 * reads the footers of all the others, which may be two thousand daily files.
 */
export async function describeSources(
  connection: DuckDBConnection,
  files: readonly SourceFile[],
  request: ImportRequest,
  onDescribed: (done: number) => void,
): Promise<SourceShape[]> {
  const schemas = await parquetSchemas(connection, files);
  const bySchema = new Map<string, SourceShape>();
  const shapes: SourceShape[] = [];
  for (const file of files) {
    const schema = schemas.get(file.path);
    const same = schema === undefined ? undefined : bySchema.get(schema);
    const shape = same === undefined ? await describeSource(connection, file, request) : { ...same, file };
    if (schema !== undefined) bySchema.set(schema, shape);
    shapes.push(shape);
    onDescribed(shapes.length);
  }
  return shapes;
}

/** The columns of each Parquet file as one text; empty if a file cannot be read, which is reported later. */
async function parquetSchemas(
  connection: DuckDBConnection,
  files: readonly SourceFile[],
): Promise<Map<string, string>> {
  const paths = files.filter((file) => file.format === "parquet").map((file) => file.path);
  if (paths.length < 2) return new Map();
  try {
    const reader = await connection.runAndReadAll(
      `SELECT file_name, string_agg(concat_ws(' ', name, type, duckdb_type, repetition_type), ',' ORDER BY column_id) FROM parquet_schema(${quoteTexts(paths)}) GROUP BY file_name`,
    );
    return new Map(reader.getRows().map((row) => [String(row[0]), String(row[1])]));
  } catch {
    // Reading file by file finds the damaged one and the reason.
    return new Map();
  }
}

/** Reads the beginning of a file: its columns and a sample of its rows. */
async function describeSource(
  connection: DuckDBConnection,
  file: SourceFile,
  request: ImportRequest,
): Promise<SourceShape> {
  if (file.format === "parquet") return await describeParquet(connection, file);
  const text = file.gzipped ? await gunzipHead(file.path) : readHead(file.path);
  const dialect = sniffCsv(file.path, text, {
    ...defined({ separator: request.separator, columns: request.columns }),
  });
  return {
    file,
    dialect,
    columns: dialect.columns.map((name) => ({ name, type: "VARCHAR" })),
    sample: dialect.sample.slice(0, SAMPLE_ROWS).map((row) => row.map((field) => field.trim())),
  };
}

async function describeParquet(connection: DuckDBConnection, file: SourceFile): Promise<SourceShape> {
  const from = `read_parquet(${quoteText(file.path)})`;
  try {
    const described = await connection.runAndReadAll(`DESCRIBE SELECT * FROM ${from}`);
    const columns = described.getRows().map((row) => ({ name: String(row[0]), type: String(row[1]) }));
    const asText = columns.map(({ name }) => `CAST(${quoteName(name)} AS VARCHAR)`).join(", ");
    const rows = await connection.runAndReadAll(`SELECT ${asText} FROM ${from} LIMIT ${SAMPLE_ROWS}`);
    const sample = rows.getRows().map((row) => row.map((value) => (value === null ? null : String(value))));
    return { file, columns, dialect: null, sample };
  } catch (cause) {
    const why = firstLine(messageOf(cause));
    if (/encrypt/i.test(why)) {
      throw new QuiverError(
        "source-encrypted",
        `Cannot import ${file.path}: it is an encrypted Parquet file. Expected one without encryption; decrypt it first.`,
        { path: file.path },
        cause,
      );
    }
    throw new QuiverError(
      "source-malformed",
      `Cannot import ${file.path}: it is not a readable Parquet file (${why}). Expected a whole Parquet file.`,
      { path: file.path },
      cause,
    );
  }
}

function readHead(path: string): string {
  const bytes = new Uint8Array(SAMPLE_BYTES);
  const handle = openSync(path, "r");
  try {
    return wholeLines(bytes.subarray(0, readSync(handle, bytes, 0, SAMPLE_BYTES, 0)));
  } finally {
    closeSync(handle);
  }
}

async function gunzipHead(path: string): Promise<string> {
  const source = createReadStream(path);
  const unpacked = source.pipe(createGunzip());
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of unpacked) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError("gunzip returned something other than bytes");
      parts.push(chunk);
      length += chunk.length;
      if (length >= SAMPLE_BYTES) break;
    }
  } finally {
    source.destroy();
    unpacked.destroy();
  }
  return wholeLines(Buffer.concat(parts));
}

/** Leaves out the last line if the sample was filled, because that line may be cut. */
function wholeLines(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  if (bytes.length < SAMPLE_BYTES) return text;
  const end = Math.max(text.lastIndexOf("\n"), text.lastIndexOf("\r"));
  return end < 0 ? text : text.slice(0, end);
}
