import type { QueryEngine } from "../../sql/query-engine.ts";
import type { EngineHandler } from "../engine-handler.ts";
import { sendBody } from "./send-body.ts";

/** Runs a read-only query and sends its result in the requested format. */
export function runSql(queries: QueryEngine): EngineHandler<"sql"> {
  return async ({ query, format, rowLimit, timeoutMs }, call) => {
    const running = await queries.runFormatted(
      { sql: query, timeoutMs, signal: call.signal },
      format,
      rowLimit,
    );
    try {
      await sendBody(call, running.head, running.body);
    } finally {
      await running.close();
    }
    return null;
  };
}
