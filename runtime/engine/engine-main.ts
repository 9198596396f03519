import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { createDatasetReader } from "../load/fill/dataset-reader.ts";
import { createSegmentPool } from "../load/parquet/segment-pool.ts";
import { openDatabase } from "./database.ts";
import { ENGINE_READY, parseEngineArguments } from "./engine-arguments.ts";
import { watchMemory } from "../sql/watch-memory.ts";
import { serveEngine } from "./engine-server.ts";

/** Memory for the runtime, for results being sent, and for what a query holds outside DuckDB's own accounting. */
const HEADROOM_BYTES = 512 * 1024 * 1024;

/**
 * An engine process: opens DuckDB, listens, prints that it is ready, and ends when its parent ends, which closes its
 * standard input. Each role has a table of operations, and only the modules of its own role are loaded.
 */
const settings = parseEngineArguments(process.argv.at(-1));
const { dataDir, spoolDir, role, socketPath, partRows } = settings;
const database = await openDatabase(settings);
const operations =
  role === "data"
    ? (await import("./operations/data-operations.ts")).DATA_OPERATIONS
    : await (await import("./operations/sql-operations.ts")).sqlOperations(database, dataDir);

const end = () => {
  rmSync(dirname(socketPath), { recursive: true, force: true });
  process.exit(0);
};
process.stdin.on("end", end);
process.stdin.on("error", end);
process.stdin.resume();
// The parent decides when the engine ends, but a Ctrl-C in the terminal reaches the whole process group.
process.on("SIGINT", () => undefined);

if (role === "sql") {
  const limitBytes = settings.memoryLimitBytes * 2 + HEADROOM_BYTES;
  watchMemory(limitBytes, (resident) => {
    process.stderr.write(
      `A query took the engine to ${resident} bytes, which is more than ${limitBytes}: the engine exits.\n`,
    );
    process.exit(1);
  });
}

const datasets = createDatasetReader(dataDir);
const segments = createSegmentPool(role === "data" ? settings.threads : 0);
await serveEngine(socketPath, operations, { dataDir, spoolDir, partRows, database, datasets, segments });
process.stdout.write(`${ENGINE_READY}\n`);
