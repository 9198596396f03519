import { runtimeFacts } from "../../platform/runtime-facts.ts";
import { duckdb } from "../duckdb-bindings.ts";
import type { EngineHandler } from "../engine-handler.ts";

/** Identifies the process that answers, for health checks and tests. */
export const ping: EngineHandler<"ping"> = async () => {
  const { name, version } = runtimeFacts();
  return { pid: process.pid, runtime: `${name} ${version}`, duckdbVersion: duckdb.library_version() };
};
