import type { ResultFormat } from "../../formats/media-types.ts";
import type { SqlService } from "../../sql/sql-service.ts";
import type { EngineHandler } from "../engine-handler.ts";
import { sendBody } from "./send-body.ts";

export interface SqlRequestOptions {
  readonly format: ResultFormat;
  /** Null for no limit. */
  readonly rowLimit: number | null;
  readonly timeoutMs: number;
}

/** Runs a read-only query and sends its result in the format asked for. */
export function runSql(service: SqlService): EngineHandler<"sql"> {
  return async ({ query, options }, call) => {
    const { format, rowLimit, timeoutMs } = options as SqlRequestOptions;
    const running = await service.runFormatted(
      { sql: query, timeoutMs, signal: call.signal },
      format,
      rowLimit ?? Number.POSITIVE_INFINITY,
    );
    try {
      await sendBody(call, running.head, running.body);
    } finally {
      await running.close();
    }
    return null;
  };
}
