import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { join } from "node:path";
import type { ColumnType } from "../../shared/contract/columns.ts";
import type { DatasetFile } from "../store/dataset.ts";
import type { SymbolRun } from "../store/symbol-index.ts";
import { syncFileSync } from "../store/durable-files.ts";
import { query, toCount, toNumber, type ImportContext } from "./import-context.ts";
import { quoteName, quoteText, quoteTexts } from "../../shared/sql-text.ts";

/** Rows of a row group: a multiple of DuckDB's vector size, and the size from which the loader reads a symbol fastest. */
const ROW_GROUP_ROWS = 122_880;

/** A file in the staging folder, with its entries for the record and the index. */
export interface WrittenFile {
  /** Name under `bars/`. */
  readonly name: string;
  readonly stagedPath: string;
  readonly file: DatasetFile;
  readonly runs: readonly SymbolRun[];
  readonly nullableColumns: ReadonlySet<string>;
}

/** The columns of a canonical file, in order, and the names of those that form the key. */
export interface FileLayout {
  readonly columns: readonly { readonly name: string; readonly type: ColumnType }[];
  readonly keys: readonly string[];
}

/**
 * Writes rows as one canonical file, sorted by key; undefined if there are no rows. Sorted rows are written in their
 * order. The content is hashed in the background: call `finish` when everything is written.
 */
export async function writeBarsFile(
  context: ImportContext,
  layout: FileLayout,
  from: string,
  isSorted: boolean,
  name: string,
): Promise<{ finish(): Promise<WrittenFile> } | undefined> {
  const path = join(context.staging, name);
  const columns = layout.columns.map((column) => quoteName(column.name)).join(", ");
  const order = isSorted ? "" : ` ORDER BY ${layout.keys.join(", ")}`;
  const [row] = await query(
    context,
    `COPY (SELECT ${columns} FROM ${from}${order}) TO ${quoteText(path)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${ROW_GROUP_ROWS})`,
  );
  if (toCount(row?.[0]) === 0) return undefined;
  const sha256 = hashFile(path);
  // `finish` awaits this. If another step fails first, nobody does, and a rejection must not end the process.
  sha256.catch(() => undefined);
  syncFileSync(path);
  const runs = await symbolRuns(context, layout, [path]);
  const nullableColumns = await findNullable(context, path);
  return {
    async finish() {
      const stats = statSync(path);
      const firsts = runs.flatMap((symbol) => (symbol.firstTs === null ? [] : [symbol.firstTs]));
      const lasts = runs.flatMap((symbol) => (symbol.lastTs === null ? [] : [symbol.lastTs]));
      const file: DatasetFile = {
        path: `bars/${name}`,
        rowCount: runs.reduce((sum, symbol) => sum + symbol.rowCount, 0),
        byteLength: stats.size,
        sha256: await sha256,
        mtimeMs: stats.mtimeMs,
        inode: stats.ino,
        firstSymbol: runs[0]!.symbol,
        lastSymbol: runs.at(-1)!.symbol,
        firstTs: firsts.length === 0 ? null : firsts.reduce((a, b) => Math.min(a, b)),
        lastTs: lasts.length === 0 ? null : lasts.reduce((a, b) => Math.max(a, b)),
        importId: context.importId,
      };
      return { name, stagedPath: path, file, runs, nullableColumns };
    },
  };
}

/** The rows of each symbol in the files, sorted by symbol. */
export async function symbolRuns(
  context: ImportContext,
  layout: FileLayout,
  paths: readonly string[],
): Promise<SymbolRun[]> {
  const isDaily = layout.columns.some((column) => column.name === "ts" && column.type === "date32");
  const unit = (sql: string) =>
    isDaily ? `CAST(${sql} - DATE '1970-01-01' AS INTEGER)` : `epoch_us(${sql})`;
  const times = layout.keys.includes("ts") ? `${unit("min(ts)")}, ${unit("max(ts)")}` : "NULL, NULL";
  const rows = await query(
    context,
    `SELECT symbol, count(*), ${times} FROM read_parquet(${quoteTexts(paths)}) GROUP BY symbol ORDER BY symbol`,
  );
  return rows.map((row) => ({
    symbol: String(row[0]),
    rowCount: toCount(row[1]),
    firstTs: toNumber(row[2]),
    lastTs: toNumber(row[3]),
  }));
}

/** Names of columns that contain a null according to the file's footer. */
async function findNullable(context: ImportContext, path: string): Promise<Set<string>> {
  const rows = await query(
    context,
    `SELECT path_in_schema FROM parquet_metadata(${quoteText(path)}) GROUP BY path_in_schema HAVING sum(stats_null_count) IS DISTINCT FROM 0`,
  );
  return new Set(rows.map((row) => String(row[0])));
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    if (!(chunk instanceof Uint8Array))
      throw new TypeError("a byte stream returned something other than bytes");
    hash.update(chunk);
  }
  return hash.digest("hex");
}
