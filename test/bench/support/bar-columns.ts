import { DuckDBInstance, DuckDBDoubleVector } from "@duckdb/node-api";
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { barsPattern } from "./store.ts";

const COLUMNS = ["open", "high", "low", "close", "volume"] as const;

export type BarColumns = Readonly<Record<(typeof COLUMNS)[number], Float64Array>>;

/** The bars of one symbol after the other, as handlers see them. */
export interface BarUnits {
  readonly rowCount: number;
  readonly units: readonly BarColumns[];
}

/**
 * Writes the columns of a market as doubles into a folder, once: whoever measures reads them from there, and has nothing
 * else in its process. Gives the folder.
 */
export async function writeBarColumns(dataDir: string, dir: string): Promise<string> {
  if (existsSync(dir)) return dir;
  const staging = `${dir}.${process.pid}.tmp`;
  mkdirSync(staging, { recursive: true });
  const instance = await DuckDBInstance.create(":memory:", { threads: "2", memory_limit: "3GB" });
  try {
    const connection = await instance.connect();
    const bars = `read_parquet('${barsPattern(dataDir)}')`;
    for (const name of COLUMNS) {
      const file = openSync(join(staging, `${name}.f64`), "w");
      const result = await connection.stream(`SELECT ${name}::DOUBLE FROM ${bars} ORDER BY symbol, ts`);
      for (;;) {
        const chunk = await result.fetchChunk();
        if (chunk === null || chunk.rowCount === 0) break;
        const vector = chunk.getColumnVector(0);
        if (!(vector instanceof DuckDBDoubleVector)) throw new Error(`${name} does not come as doubles`);
        const values = Float64Array.from({ length: chunk.rowCount }, (_, i) => vector.getItem(i) ?? NaN);
        writeSync(file, new Uint8Array(values.buffer));
      }
      closeSync(file);
    }
    const counts = await connection.runAndReadAll(
      `SELECT count(*)::INTEGER FROM ${bars} GROUP BY symbol ORDER BY symbol`,
    );
    const lengths = Int32Array.from(counts.getRows(), ([count]) => Number(count));
    const file = openSync(join(staging, "lengths.i32"), "w");
    writeSync(file, new Uint8Array(lengths.buffer));
    closeSync(file);
    connection.closeSync();
    renameSync(staging, dir);
    return dir;
  } finally {
    instance.closeSync();
    rmSync(staging, { recursive: true, force: true });
  }
}

/** What `writeBarColumns` wrote, of so many rows at most (whole symbols). */
export function readBarUnits(dir: string, rowCountMax = Infinity): BarUnits {
  const lengths = new Int32Array(bytesOf(join(dir, "lengths.i32")));
  const columns = COLUMNS.map((name) => new Float64Array(bytesOf(join(dir, `${name}.f64`))));
  const units: BarColumns[] = [];
  let start = 0;
  for (const length of lengths) {
    if (start + length > rowCountMax && units.length > 0) break;
    const [open, high, low, close, volume] = columns.map((column) => column.subarray(start, start + length));
    units.push({ open: open!, high: high!, low: low!, close: close!, volume: volume! });
    start += length;
  }
  return { rowCount: start, units };
}

function bytesOf(path: string): ArrayBuffer {
  const { buffer, byteOffset, byteLength } = readFileSync(path);
  return buffer.slice(byteOffset, byteOffset + byteLength) as ArrayBuffer;
}
