import { createHash } from "node:crypto";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import type { Clocks } from "../../shared/time/index.ts";
import type { DatasetKind } from "../../shared/protocol/dataset-kind.ts";
import type { DatasetColumn, DatasetFile, DatasetRecord, SymbolIndex } from "../../runtime/store/dataset.ts";
import { datasetPaths } from "../../runtime/store/dataset-paths.ts";
import { writeDataset } from "../../runtime/store/write-dataset.ts";

/** A dataset in the store's own format, without an import: for tests and benchmarks that need a certain layout. */
export interface DatasetSpec {
  readonly dataDir: string;
  readonly name: string;
  readonly kind?: DatasetKind;
  /** `symbol`, `ts`, `known_at` where there is one, then the values. */
  readonly columns: readonly DatasetColumn[];
  readonly clocks?: Clocks | null;
  /** One query per file, giving these columns in any order of rows; they are sorted by key. */
  readonly files: readonly string[];
  readonly rowGroupRows?: number;
}

export const DAILY_CLOCKS: Clocks = {
  timezone: "America/New_York",
  stamp: "start",
  intervalSeconds: "1d",
  calendar: null,
  sessions: {
    weekdays: [1, 2, 3, 4, 5],
    intervals: [{ open: "09:30", close: "16:00" }],
    holidays: [],
    halfDays: [],
  },
  availabilitySeconds: 0,
};

export const MINUTE_CLOCKS: Clocks = { ...DAILY_CLOCKS, intervalSeconds: 60 };

const floats = (...names: string[]): DatasetColumn[] =>
  names.map((name) => ({ name, type: "float32", nullable: false }));

/** Columns of the synthetic bars below. */
export const DAILY_COLUMNS: readonly DatasetColumn[] = [
  { name: "symbol", type: "utf8", nullable: false },
  { name: "ts", type: "date32", nullable: false },
  ...floats("open", "high", "low", "close"),
  { name: "volume", type: "float64", nullable: false },
];

export interface DailyBars {
  readonly symbolCount: number;
  /** Bars of the longest history; the shortest has one. Histories end on the same day. */
  readonly dayCount: number;
  readonly seed?: number;
  /** Only symbols `firstSymbol` to `endSymbol`: what goes into one file of many. */
  readonly firstSymbol?: number;
  readonly endSymbol?: number;
  /** Only this many days before the last one (0 is the last day itself). */
  readonly onlyDayFromEnd?: number;
}

/**
 * A query for synthetic daily bars: random walks from a seed, unequal histories. The same seed gives the same bars
 * however they are cut into files, on any number of threads.
 */
export function dailyBarsSql(bars: DailyBars): string {
  const { symbolCount, dayCount, seed = 1, firstSymbol = 0, endSymbol = symbolCount } = bars;
  const day = bars.onlyDayFromEnd === undefined ? "" : `WHERE d = n - 1 - ${bars.onlyDayFromEnd}`;
  return `
    WITH symbols AS (
      SELECT i, 'S' || lpad(i::VARCHAR, 6, '0') AS symbol,
             1 + ((i * 7919 + ${seed}) % ${symbolCount}) * (${dayCount} - 1) // greatest(${symbolCount} - 1, 1) AS n
      FROM range(${firstSymbol}, ${endSymbol}) t(i)
    ), days AS (SELECT i, symbol, n, unnest(range(n)) AS d FROM symbols),
    walk AS (
      SELECT *, hash(i * 1000003 + d + ${seed} * 7) AS h,
        50 * exp(sum(((hash(i * 100003 + d + ${seed}) % 2001)::INTEGER - 1000) / 1000000 * 20)
          OVER (PARTITION BY i ORDER BY d ROWS UNBOUNDED PRECEDING)) AS c
      FROM days
    ), bars AS (
      SELECT symbol, d, n, c, h, c * (1 + ((h % 101)::INTEGER - 50) / 10000) AS o FROM walk
    )
    SELECT symbol, (DATE '2024-01-01' - (n - 1 - d)::INTEGER) AS ts, o::FLOAT AS open,
      (greatest(o, c) * 1.002)::FLOAT AS high, (least(o, c) * 0.998)::FLOAT AS low, c::FLOAT AS close,
      (h % 1000000)::DOUBLE AS volume
    FROM bars ${day}`;
}

/** Writes the files and the record; the record's layout is what the files turn out to be. */
export async function makeDataset(spec: DatasetSpec): Promise<DatasetRecord> {
  const { dataDir, name, columns, rowGroupRows = 122_880 } = spec;
  const paths = datasetPaths(dataDir, name);
  mkdirSync(paths.bars, { recursive: true });
  const hasTime = columns.some((column) => column.name === "ts");
  const hasKnownTime = columns.some((column) => column.name === "known_at");
  const key = ["symbol", ...(hasTime ? ["ts"] : []), ...(hasKnownTime ? ["known_at"] : [])].join(", ");
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  const connection = await instance.connect();
  await connection.run("SET TimeZone = 'UTC'");
  const list = columns.map((column) => `"${column.name}"`).join(", ");
  const files: DatasetFile[] = [];
  for (const [number, select] of spec.files.entries()) {
    const path = `bars/part-${String(number).padStart(5, "0")}.parquet`;
    const full = join(paths.dir, path);
    await connection.run(
      `COPY (SELECT ${list} FROM (${select}) ORDER BY ${key}) TO '${full}'
       (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${rowGroupRows})`,
    );
    files.push(await describeFile(connection, path, full, hasTime));
  }
  const all = `read_parquet([${files.map(({ path }) => `'${join(paths.dir, path)}'`).join(",")}])`;
  const index = await describeSymbols(connection, all, hasTime);
  const ordered = hasTime && !hasKnownTime && (await isOrdered(connection, all));
  const withRows: SymbolIndex = { ...index, firstRows: ordered ? firstRowsOf(index.rowCounts) : null };
  writeFileSync(join(paths.dir, "symbols.json"), JSON.stringify(withRows));
  connection.disconnectSync();
  const rowCount = files.reduce((sum, file) => sum + file.rowCount, 0);
  const times = files.flatMap((file) => (file.firstTs === null ? [] : [file.firstTs, file.lastTs ?? 0]));
  const record: DatasetRecord = {
    formatVersion: 1,
    name,
    kind: spec.kind ?? "bars",
    columns,
    key: "symbol",
    eventTime: hasTime ? "ts" : null,
    knownTime: hasKnownTime ? "known_at" : null,
    clocks: spec.clocks === undefined ? (hasTime ? DAILY_CLOCKS : null) : spec.clocks,
    layout: ordered ? "ordered" : "overlapping",
    files,
    index: { path: "symbols.json", symbolCount: index.symbols.length },
    rowCount,
    firstTs: times.length === 0 ? null : Math.min(...times),
    lastTs: times.length === 0 ? null : Math.max(...times),
    latestKnownTime: null,
    sources: [],
    counts: { in: rowCount, kept: rowCount, quarantined: {}, warnings: {} },
    fingerprint: sha256(files.map((file) => file.sha256).join()).slice(0, 32),
    importedAt: "2024-01-02T00:00:00Z",
    rules: { allowNonPositivePrices: false, strict: false },
    defaults: {},
  };
  writeDataset(dataDir, record);
  return record;
}

async function describeFile(
  connection: DuckDBConnection,
  path: string,
  full: string,
  hasTime: boolean,
): Promise<DatasetFile> {
  const times = hasTime ? `${numberOf("min(ts)")}, ${numberOf("max(ts)")}` : "NULL, NULL";
  const [row] = await rowsOf(
    connection,
    `SELECT count(*)::DOUBLE, min(symbol), max(symbol), ${times} FROM read_parquet('${full}')`,
  );
  const [rowCount, first, last, firstTs, lastTs] = row!;
  const { size, mtimeMs, ino } = statSync(full);
  return {
    path,
    rowCount: Number(rowCount),
    byteLength: size,
    mtimeMs,
    inode: ino,
    sha256: sha256(readFileSync(full)),
    firstSymbol: String(first),
    lastSymbol: String(last),
    firstTs: firstTs === null ? null : Number(firstTs),
    lastTs: lastTs === null ? null : Number(lastTs),
    importId: "test",
  };
}

async function describeSymbols(
  connection: DuckDBConnection,
  all: string,
  hasTime: boolean,
): Promise<Omit<SymbolIndex, "firstRows">> {
  const times = hasTime ? `${numberOf("min(ts)")}, ${numberOf("max(ts)")}` : "NULL, NULL";
  const rows = await rowsOf(
    connection,
    `SELECT symbol, count(*)::DOUBLE, ${times} FROM ${all} GROUP BY symbol ORDER BY symbol`,
  );
  return {
    formatVersion: 1,
    symbols: rows.map((row) => String(row[0])),
    rowCounts: rows.map((row) => Number(row[1])),
    firstTs: hasTime ? rows.map((row) => Number(row[2])) : [],
    lastTs: hasTime ? rows.map((row) => Number(row[3])) : [],
  };
}

/** Strictly ascending by (symbol, ts) over all files in order. */
async function isOrdered(connection: DuckDBConnection, all: string): Promise<boolean> {
  const [row] = await rowsOf(
    connection,
    `WITH rows AS (SELECT symbol, ts, row_number() OVER () AS i FROM ${all}),
     pairs AS (SELECT symbol, ts, lag(symbol) OVER (ORDER BY i) AS s, lag(ts) OVER (ORDER BY i) AS t FROM rows)
     SELECT count(*)::DOUBLE FROM pairs WHERE s > symbol OR (s = symbol AND t >= ts)`,
  );
  return row?.[0] === 0;
}

function firstRowsOf(rowCounts: readonly number[]): number[] {
  let next = 0;
  return rowCounts.map((rowCount) => (next += rowCount) - rowCount);
}

/** A time in the unit of the dataset: days, or microseconds. */
function numberOf(time: string): string {
  return `CASE WHEN typeof(${time}) = 'DATE' THEN epoch_us(${time}) / 86400000000 ELSE epoch_us(${time}) END::DOUBLE`;
}

async function rowsOf(connection: DuckDBConnection, sql: string) {
  return (await connection.runAndReadAll(sql)).getRows();
}

function sha256(data: string | Uint8Array): string {
  return createHash("sha256").update(data).digest("hex");
}
