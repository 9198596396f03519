import type { EngineEnds, EngineOp, EngineRequest } from "../../shared/protocol/engine.ts";
import type { DatasetReader } from "../load/fill/dataset-reader.ts";
import type { SegmentPool } from "../load/parquet/segment-pool.ts";
import type { Database } from "./database.ts";

/** What a request's handler may do while it works. */
export interface EngineCall {
  /** Aborted when the client is gone; long work must end soon after. */
  readonly signal: AbortSignal;
  /** Sends an event. */
  event(value: unknown): void;
  /** Sends a piece of the body; resolves when more may be sent, rejects when the client is gone. */
  bytes(piece: Uint8Array): Promise<void>;
}

/** What every handler of an engine process shares. */
export interface EngineContext {
  readonly dataDir: string;
  readonly spoolDir: string;
  /** About how many rows a file of a column gets. */
  readonly partRows: number;
  readonly database: Database;
  readonly datasets: DatasetReader;
  readonly segments: SegmentPool;
}

/** One operation: its result is the last frame; an exception is sent as an error. */
export type EngineHandler<Op extends EngineOp> = (
  request: Extract<EngineRequest, { readonly op: Op }>,
  call: EngineCall,
  context: EngineContext,
) => Promise<EngineEnds[Op]>;

/** The operations that an engine process serves. */
export type EngineHandlers = { readonly [Op in EngineOp]?: EngineHandler<Op> };
