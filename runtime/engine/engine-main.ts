import { createDatasetReader } from "../load/fill/dataset-reader.ts";
import { loadColumns } from "../load/fill/load-columns.ts";
import { loadIndex } from "../load/fill/load-index.ts";
import { matchColumns } from "../load/fill/match-columns.ts";
import { orderByTime } from "../load/fill/order-by-time.ts";
import { invertOrder, reorderColumns } from "../load/fill/reorder-columns.ts";
import { openDatabase } from "./database.ts";
import type { EngineHandlers } from "./engine-handler.ts";
import { serveEngine } from "./engine-server.ts";
import { ENGINE_READY, parseEngineArguments } from "./engine-arguments.ts";
import { ping } from "./ping.ts";

/**
 * An engine process: opens DuckDB, listens, says that it is ready, and ends when its parent does (its standard
 * input then ends). Adding an operation is adding a line to the table.
 */
const settings = parseEngineArguments(process.argv.at(-1));
const database = await openDatabase(settings);

const HANDLERS: Readonly<Record<typeof settings.role, EngineHandlers>> = {
  data: {
    ping,
    "load-index": loadIndex,
    "load-columns": loadColumns,
    "order-by-time": orderByTime,
    "reorder-columns": reorderColumns,
    "invert-order": invertOrder,
    "match-columns": matchColumns,
  },
  sql: { ping },
};

process.stdin.on("end", () => process.exit(0));
process.stdin.on("error", () => process.exit(0));
process.stdin.resume();
// The parent decides when the engine ends; a Ctrl-C in the terminal reaches the whole group.
process.on("SIGINT", () => undefined);

const { dataDir, spoolDir } = settings;
await serveEngine(settings.socketPath, HANDLERS[settings.role], {
  dataDir,
  spoolDir,
  database,
  datasets: createDatasetReader(dataDir),
});
process.stdout.write(`${ENGINE_READY}\n`);
