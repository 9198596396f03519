import type { EngineEnds, EngineEvents, EngineOp, EngineRequest } from "../../shared/protocol/engine.ts";
import type { DatasetReader } from "../load/fill/dataset-reader.ts";
import type { SegmentPool } from "../load/parquet/segment-pool.ts";
import type { Database } from "./database.ts";

/** A handler's side of the connection to its client. */
export interface EngineCall<Event> {
  /** Aborted when the client has disconnected; long work must end soon after. */
  readonly signal: AbortSignal;
  event(value: Event): void;
  /** Sends a piece of the body; resolves when more may be sent, rejects when the client has disconnected. */
  bytes(piece: Uint8Array): Promise<void>;
}

/** What all handlers of an engine process share. */
export interface EngineContext {
  readonly dataDir: string;
  readonly spoolDir: string;
  /** Approximate number of rows in one file of a column. */
  readonly partRows: number;
  readonly database: Database;
  readonly datasets: DatasetReader;
  readonly segments: SegmentPool;
}

/** Serves one operation. Its result is sent as the last frame, an exception as an error. */
export type EngineHandler<Op extends EngineOp> = (
  request: Extract<EngineRequest, { readonly op: Op }>,
  call: EngineCall<EngineEvents[Op]>,
  context: EngineContext,
) => Promise<EngineEnds[Op]>;

/** The operations of an engine process. */
export type EngineHandlers = { readonly [Op in EngineOp]?: EngineHandler<Op> };
