import { plain, type BenchPart } from "../support/bench-part.ts";
import { type QuiverServer, startServer } from "../support/quiver-server.ts";
import { median, rounded } from "../support/statistics.ts";
import { DATASET } from "../support/store.ts";

const ROUNDS_MAX = 3;

/** A large SQL result as an Arrow stream over loopback, read and counted by a client in another process. */
export const sqlStream: BenchPart = {
  name: "sql-stream",
  async run({ store, scale, signal }) {
    const { dataDir } = await store.market();
    const server = await startServer({ dataDir, signal });
    try {
      const numbers = await stream(server, "ts, open, high, low, close, volume", scale.sqlRows, scale.rounds);
      const withText = await stream(
        server,
        "symbol, ts, open, high, low, close",
        scale.sqlRows,
        scale.rounds,
      );
      return {
        keys: { sqlStreamMBps: rounded(numbers.megabytesPerSecond, 1) },
        figures: [
          plain("rows × columns", `${scale.sqlRows.toLocaleString("en-US")} × 6`),
          plain("numbers and times", `${numbers.seconds.toFixed(2)} s`),
          plain("  bytes per second", `${numbers.megabytesPerSecond.toFixed(0)} MB/s`),
          plain("with the symbol as text", `${withText.seconds.toFixed(2)} s`),
          plain("  bytes per second", `${withText.megabytesPerSecond.toFixed(0)} MB/s`),
        ],
        details: { sqlStream: { numbers, withText } },
      };
    } finally {
      await server.stop();
    }
  },
};

async function stream(server: QuiverServer, columns: string, rows: number, rounds: number) {
  const q = `SELECT ${columns} FROM ${DATASET}.bars LIMIT ${rows}`;
  const seconds: number[] = [];
  let byteLength = 0;
  for (let round = 0; round < Math.min(rounds, ROUNDS_MAX); round++) {
    const startedAt = performance.now();
    const response = await server.post("/sql", { q }, { accept: "application/vnd.apache.arrow.stream" });
    byteLength = 0;
    for await (const chunk of response.body ?? []) byteLength += chunk.byteLength;
    seconds.push((performance.now() - startedAt) / 1000);
  }
  if (byteLength < rows * 6 * 4) throw new Error(`${rows} rows came as ${byteLength} bytes`);
  return { seconds: median(seconds), byteLength, megabytesPerSecond: byteLength / median(seconds) / 1e6 };
}
