import type {
  InvocationProgress,
  InvocationRequest,
  PublishRequest,
  StageTimings,
} from "../../shared/protocol/invocation.ts";
import type { ResultField, ResultPart } from "../../shared/protocol/result.ts";
import type { ChangeReport } from "./explain-change.ts";
import type { ExplainedPlan } from "./explained-plan.ts";
import type { Manifest } from "../store/manifest.ts";

/** A caller's own rows: an uploaded Arrow body, not yet checked. */
export interface BodyInput {
  /** Name of the input to bind it to; null for the only dataset input. */
  readonly input: string | null;
  /** Path of the uploaded Arrow stream or file. */
  readonly path: string;
}

export interface InvokeOptions {
  /** The invocation's id, for a job that is known by one already; made up when left out. */
  readonly id?: string;
  readonly signal?: AbortSignal;
  /** Callers who wait have 0; work below that is done in the background and leaves them room. */
  readonly priority?: number;
  /** Lines an author's handler printed, as they come. */
  readonly onLog?: (text: string) => void;
  readonly onProgress?: (progress: InvocationProgress) => void;
  readonly body?: BodyInput;
  /** Compute although an equal result is kept (`Cache-Control: no-cache`). */
  readonly recompute?: boolean;
  /** Keep finished partitions beyond the life of this process; for what goes on after a crash. */
  readonly durable?: boolean;
}

export interface InvocationFacts {
  readonly id: string;
  /** Identifies code, parameters, inputs and selection; the ETag. */
  readonly fingerprint: string;
  readonly rowCount: number;
  readonly timings: StageTimings;
  readonly warnings: readonly { readonly message: string; readonly count: number }[];
  readonly peakMemoryBytes: number;
  readonly logTail: string;
  readonly bytesRead: number;
  /** Partitions of the last stage, and how many of them were there from before. */
  readonly partitions: { readonly count: number; readonly found: number };
}

/** A finished result lying in the spool: a schema, one dictionary, and runs of record batches in files. */
export interface SpooledResult {
  readonly facts: InvocationFacts;
  /** `symbol` and `ts` (where keyed), then the outputs. */
  readonly schema: readonly ResultField[];
  /** The dictionary of `symbol`; empty where the result has no such column. */
  readonly symbols: readonly string[];
  readonly parts: readonly ResultPart[];
  /** Gives the files back to the spool; call it once, when the last byte has been read. */
  release(): Promise<void>;
}

/** A result that is still being computed: its parts come in order, each when it is done, and a failure rejects. */
export interface EarlyResult extends Pick<SpooledResult, "schema" | "symbols"> {
  readonly id: string;
  readonly fingerprint: string;
  readonly parts: AsyncIterable<ResultPart>;
  /** Gives the files back once nothing runs any more; what still runs is the caller's signal to end. */
  release(): Promise<void>;
}

export interface PublishResult {
  readonly facts: InvocationFacts;
  readonly manifest: Manifest;
  /** False when an equal version existed and nothing was published. */
  readonly created: boolean;
}

/** What can be told of a request without planning it. */
export interface CheckedRequest {
  /** Rows that the dataset has of the symbols that are named, whatever times are asked for. */
  readonly rowCount: number;
}

/** The one way a function is run, whoever asks. Expected failures reject with a QuiverError. */
export interface Invoker {
  explain(request: InvocationRequest | PublishRequest, options?: InvokeOptions): Promise<ExplainedPlan>;
  /** What can be told of it at once; rejects with what it would fail with before it is planned. */
  check(request: InvocationRequest | PublishRequest, options?: InvokeOptions): Promise<CheckedRequest>;
  invoke(request: InvocationRequest, options?: InvokeOptions): Promise<SpooledResult>;
  /** What has changed since the version that is current. */
  why(request: PublishRequest, options?: InvokeOptions): Promise<ChangeReport>;
  /** Like `invoke`, but resolves before anything has run. */
  stream(request: InvocationRequest, options?: InvokeOptions): Promise<EarlyResult>;
  publish(request: PublishRequest, options?: InvokeOptions): Promise<PublishResult>;
}
