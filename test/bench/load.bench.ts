import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { openDatabase, type Database } from "../../runtime/engine/database.ts";
import { runtimeFacts } from "../../runtime/platform/runtime-facts.ts";
import { receiveRows, runQuery } from "../../runtime/load/fill/scan.ts";
import { createSegmentPool } from "../../runtime/load/parquet/segment-pool.ts";
import { fillSegment, type Segment } from "../../runtime/load/parquet/fill-segment.ts";
import { findDataset } from "../../runtime/store/read-dataset.ts";
import type { DatasetRecord } from "../../runtime/store/dataset.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "../support/make-dataset.ts";

/**
 * Ways of getting `ts` and `close` (float32, wanted as float64) of 10.1 million rows into column files, side by side.
 * Run with `bun test/bench/load.bench.ts [folder to keep the data in]`. Wall time is what a user waits, processor time
 * what the other processes do without; on a busy machine only the latter means something.
 */
const root = process.argv[2] ?? mkdtempSync(join(tmpdir(), "quiver-load-bench-"));
const out = mkdtempSync(join(tmpdir(), "quiver-load-bench-out-"));
const threads = availableParallelism();
mkdirSync(root, { recursive: true });

const record = findDataset(root, "bench") ?? (await make());
const paths = record.files.map((file) => join(root, record.name, file.path));
const database = await openDatabase({ spoolDir: out, threads, memoryLimitBytes: 2 ** 31 });
const pool = createSegmentPool(threads);
const never = new AbortController().signal;

const ways: Readonly<Record<string, () => Promise<unknown>>> = {
  "DuckDB reads, nothing copied (max, sum)": () =>
    each((path) => query(`SELECT max(ts), sum(close) FROM '${path}'`)),
  "DuckDB, streamed through the client": () => each(streamed),
  "DuckDB, one list per row group": () => each(lists),
  "DuckDB casts, vectors copied": () => each((path) => vectors(path, "ts, close::DOUBLE", [4, 8])),
  "DuckDB, vectors copied, floats widened": () => each((path) => vectors(path, "ts, close", [4, 4])),
  "pages read, one thread": () => Promise.resolve(segments().forEach((segment) => void fillSegment(segment))),
  [`pages read, ${threads} threads`]: () =>
    Promise.all(segments().map((segment) => pool.fill(segment, never))),
};

const rounds = 7;
const times = new Map<string, { wall: number[]; processor: number[] }>();
for (let round = 0; round < rounds; round++) {
  for (const [name, run] of Object.entries(ways)) {
    const before = process.cpuUsage();
    const startedAt = performance.now();
    await run();
    const wall = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(before);
    const entry = times.get(name) ?? { wall: [], processor: [] };
    entry.wall.push(wall);
    entry.processor.push((user + system) / 1000);
    times.set(name, entry);
  }
}
const { name, version } = runtimeFacts();
console.log(`${name} ${version}, ${threads} threads, ${record.rowCount} rows, medians of ${rounds} in ms`);
for (const [way, { wall, processor }] of times) {
  console.log(
    `${way.padEnd(42)} wall ${median(wall).padStart(5)}   processor ${median(processor).padStart(5)}`,
  );
}
await pool.close();
database.close();
rmSync(out, { recursive: true });
if (process.argv[2] === undefined && existsSync(root)) rmSync(root, { recursive: true });

function make(): Promise<DatasetRecord> {
  const files = [0, 1250, 2500, 3750].map((firstSymbol) =>
    dailyBarsSql({ symbolCount: 5000, dayCount: 4046, firstSymbol, endSymbol: firstSymbol + 1250 }),
  );
  return makeDataset({ dataDir: root, name: "bench", columns: DAILY_COLUMNS, files });
}

async function each(run: (path: string) => Promise<unknown>): Promise<void> {
  for (const path of paths) await run(path);
}

function query(sql: string): ReturnType<Database["withConnection"]> {
  return database.withConnection(never, (connection) => runQuery(connection, sql));
}

async function streamed(path: string): Promise<void> {
  const connection = await database.instance.connect();
  const result = await connection.stream(`SELECT ts, close FROM '${path}'`);
  for (;;) {
    const chunk = await result.fetchChunk();
    if (chunk === null || chunk.rowCount === 0) break;
  }
  connection.disconnectSync();
}

async function lists(path: string): Promise<void> {
  await query(
    `SELECT file_row_number // 122880, list(ts), list(close) FROM read_parquet('${path}', file_row_number = true) GROUP BY 1 ORDER BY 1`,
  );
}

async function vectors(path: string, select: string, byteWidths: readonly number[]): Promise<void> {
  const result = await database.withConnection(never, (connection) =>
    runQuery(connection, `SELECT ${select} FROM '${path}'`),
  );
  const fds = byteWidths.map((_, i) => openSync(join(out, `column-${i}`), "w"));
  const doubles = new Float64Array(2048);
  receiveRows(result, byteWidths, (rowCount, columns) => {
    columns.forEach((bytes, i) => {
      if (i === 1 && byteWidths[1] === 4) {
        doubles.set(new Float32Array(bytes.buffer, bytes.byteOffset, rowCount));
        writeSync(fds[i]!, new Uint8Array(doubles.buffer, 0, rowCount * 8));
      } else writeSync(fds[i]!, bytes);
    });
  });
  fds.forEach((fd) => closeSync(fd));
}

function segments(): Segment[] {
  return record.files.map(({ rowCount }, i) => ({
    reads: [{ path: paths[i]!, firstRow: 0, endRow: rowCount }],
    rows: { firstRow: 0, rowCount },
    columns: [
      { name: "ts", stored: "date32", wanted: "date32", path: join(out, `ts-${i}`) },
      { name: "close", stored: "float32", wanted: "float64", path: join(out, `close-${i}`) },
    ],
  }));
}

function median(values: readonly number[]): string {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!.toFixed(0);
}
