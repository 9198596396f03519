import { DuckDBInstance, type DuckDBConnection } from "@duckdb/node-api";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";

const SEED = 20_260_101;
/** About half a million rows a file. */
const SYMBOLS_PER_FILE = 250;

const MINUTES_PER_SESSION = 390;

/** Symbols whose number is a multiple of this have exactly `ROUND_HISTORY` rows, for calls on one symbol. */
export const ROUND_EVERY = 4;
export const ROUND_HISTORY = 2_000;

/** The symbol with this number. */
export function symbolName(number: number): string {
  return `S${String(number).padStart(5, "0")}`;
}

/**
 * Makes a market once: seeded random walks of unequal histories (40 to 4,012 business days, 2,020 on average) as
 * symbol-sorted ZSTD Parquet with `symbol, ts`, OHLC as float32 and volume. The result is its files, in order. With
 * `history` every symbol has so many days, 4,100 at most.
 */
export async function makeMarket(dir: string, symbolCount: number, history?: number): Promise<string[]> {
  if (!existsSync(dir)) {
    await madeOnce(dir, async (connection, staging) => {
      for (let first = 0; first < symbolCount; first += SYMBOLS_PER_FILE) {
        const end = Math.min(symbolCount, first + SYMBOLS_PER_FILE);
        await connection.run(
          copySql(bars(first, end, history?.toString()), join(staging, `${symbolName(first)}.parquet`)),
        );
      }
    });
  }
  return filesIn(dir);
}

/** Ten sessions of minutes from 2024-03-11 on, in New York's wall-clock time, by the same walks. */
export async function makeMinuteMarket(dir: string, symbolCount: number): Promise<string[]> {
  const minute = `(row_number() OVER (PARTITION BY symbol ORDER BY ts) - 1)`;
  const session = `(${minute} // ${MINUTES_PER_SESSION})`;
  const ts = `TIMESTAMP '2024-03-11 09:30:00' + to_days((${session} // 5 * 7 + ${session} % 5)::INTEGER)
    + to_minutes((${minute} % ${MINUTES_PER_SESSION})::BIGINT)`;
  if (!existsSync(dir)) {
    await madeOnce(dir, async (connection, staging) => {
      const query = `SELECT * REPLACE (${ts} AS ts) FROM (${bars(0, symbolCount, String(10 * MINUTES_PER_SESSION))})`;
      await connection.run(copySql(query, join(staging, `${symbolName(0)}.parquet`)));
    });
  }
  return filesIn(dir);
}

/** The same kind of market as one small file per day. */
export async function makeDayFiles(dir: string, symbolCount: number, dayCount: number): Promise<string[]> {
  if (!existsSync(dir)) {
    await madeOnce(dir, async (connection, staging) => {
      await connection.run(`CREATE TABLE bars AS ${bars(0, symbolCount, String(dayCount))}`);
      const days = await connection.runAndReadAll("SELECT DISTINCT ts::VARCHAR FROM bars ORDER BY 1");
      for (const [day] of days.getRows()) {
        const query = `SELECT * FROM bars WHERE ts = DATE '${String(day)}'`;
        await connection.run(copySql(query, join(staging, `${String(day)}.parquet`)));
      }
    });
  }
  return filesIn(dir);
}

function filesIn(dir: string): string[] {
  return readdirSync(dir)
    .sort()
    .map((file) => join(dir, file));
}

/** A run that is interrupted leaves no half market behind. */
async function madeOnce(
  dir: string,
  make: (connection: DuckDBConnection, staging: string) => Promise<void>,
): Promise<void> {
  const staging = `${dir}.${process.pid}.tmp`;
  mkdirSync(staging, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "3GB" });
  try {
    const connection = await instance.connect();
    await make(connection, staging);
    connection.closeSync();
    renameSync(staging, dir);
  } finally {
    instance.closeSync();
    rmSync(staging, { recursive: true, force: true });
  }
}

function copySql(query: string, path: string): string {
  return `COPY (${query} ORDER BY symbol, ts) TO '${path}' (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE 122880)`;
}

/** A step is a sum of three uniform numbers, scaled to a daily deviation of 2 %; all of them from one hash. */
function bars(
  first: number,
  end: number,
  history = `CASE WHEN s % ${ROUND_EVERY} = 0 THEN ${ROUND_HISTORY} ELSE 40 + (s * 7919) % 3973 END`,
): string {
  const uniform = (shift: number) => `(((h >> ${shift}) & 65535)::DOUBLE / 65536)`;
  return `
    WITH histories AS (SELECT s::INTEGER AS s, (${history})::INTEGER AS n FROM range(${first}, ${end}) t(s)),
    days AS (SELECT s, 4100 - n AS start, unnest(range(n))::INTEGER AS i FROM histories),
    rolled AS (SELECT s, i, start + i AS day, hash(s::BIGINT * 100000 + i, ${SEED}) AS h FROM days),
    walked AS (
      SELECT s, h, DATE '2009-01-05' + (day // 5 * 7 + day % 5)::INTEGER AS ts,
        (20 + s % 300) * exp(sum(0.04 * (${uniform(0)} + ${uniform(16)} + ${uniform(32)} - 1.5))
          OVER (PARTITION BY s ORDER BY i)) AS c
      FROM rolled
    ),
    opened AS (SELECT *, c * (0.995 + 0.01 * ${uniform(48)}) AS o FROM walked)
    SELECT 'S' || lpad(s::VARCHAR, 5, '0') AS symbol, ts, o::FLOAT AS open,
      (greatest(o, c) * (1 + 0.01 * ${uniform(8)}))::FLOAT AS high,
      (least(o, c) * (1 - 0.01 * ${uniform(24)}))::FLOAT AS low,
      c::FLOAT AS close, (1000 + h % 1000000)::BIGINT AS volume
    FROM opened`;
}

/** One more day of every symbol that has a bar on the last one: the same bar, its prices moved a little. */
export async function makeNextDay(barsPattern: string, path: string): Promise<string> {
  const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
  try {
    const connection = await instance.connect();
    const prices = ["open", "high", "low", "close"].map((name) => `(${name} * 1.01)::FLOAT AS ${name}`);
    await connection.run(
      copySql(
        `SELECT symbol, ts + (CASE dayofweek(ts) WHEN 5 THEN 3 ELSE 1 END)::INTEGER AS ts, ${prices.join(", ")}, volume
         FROM read_parquet('${barsPattern}') QUALIFY ts = max(ts) OVER ()`,
        path,
      ),
    );
    connection.closeSync();
    return path;
  } finally {
    instance.closeSync();
  }
}
