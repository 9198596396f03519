import { runTrainingSet } from "../../training/join/run-training-set.ts";
import { openQueryEngine } from "../../sql/query-engine.ts";
import type { Database } from "../database.ts";
import type { EngineHandlers } from "../engine-handler.ts";
import { formatResult } from "./format-result.ts";
import { ping } from "./ping.ts";
import { runSql } from "./run-sql.ts";

/** The operations of the engine process for queries. Opening them locks its database for good. */
export async function sqlOperations(database: Database, dataDir: string): Promise<EngineHandlers> {
  return {
    ping,
    format: formatResult,
    sql: runSql(await openQueryEngine(database, dataDir)),
    "training-set": runTrainingSet,
  };
}
