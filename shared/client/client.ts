import type { Table } from "apache-arrow";
import type { Job } from "./follow-job.ts";
import type {
  DatasetInfo,
  DatasetSummary,
  FeatureSetInfo,
  FunctionInfo,
  FunctionList,
  InvocationInfo,
  InvokeRequest,
  Progress,
  Published,
  PublishRequest,
  TableFormat,
} from "./messages.ts";

export interface ClientOptions {
  /** For example `http://127.0.0.1:8787`. */
  readonly url: string;
  /** The bearer token of a server that asks for one. */
  readonly token?: string;
  /** Something else to send requests with: one with retries, or an application in this process. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** How far the work is, as often as there is news; the work is then done as a job. */
  readonly onProgress?: (progress: Progress) => void;
  /** Compute although an equal result is kept. */
  readonly recompute?: boolean;
}

export interface ReadOptions extends Omit<CallOptions, "onProgress"> {
  /** The Arrow stream when left out. */
  readonly format?: TableFormat;
  /** More rows than this are refused. */
  readonly limit?: number;
}

/**
 * A server's functions and data. Every method rejects with a QuiverError whose `code` is one of the documented ones
 * when the server refuses or fails, `server-unreachable` when it does not answer.
 */
export interface Client {
  /** The rows of a function as an Arrow table, in (symbol, ts) order. */
  invoke(name: string, request?: InvokeRequest, options?: CallOptions): Promise<Table>;
  /** The same as the bytes of a file. */
  invokeBytes(name: string, request?: InvokeRequest, options?: ReadOptions): Promise<Uint8Array>;
  /** The same as they come; with `early` each partition as soon as it is done, as an Arrow stream. */
  invokeStream(
    name: string,
    request?: InvokeRequest,
    options?: ReadOptions & { readonly early?: boolean },
  ): Promise<ReadableStream<Uint8Array>>;
  /** Starts an invocation and does not wait for it. */
  start(name: string, request?: InvokeRequest, options?: StartOptions): Promise<Job>;
  /** Starts a publication and does not wait for it. */
  startPublish(name: string, request?: PublishRequest, options?: StartOptions): Promise<Job>;
  /** An invocation that was started before, by its id. */
  job(id: string): Job;
  /** Keeps the rows of a function as a version of a feature set, or finds the equal one. */
  publish(name: string, request?: PublishRequest, options?: CallOptions): Promise<Published>;
  sql(query: string, options?: Pick<ReadOptions, "signal" | "limit">): Promise<Table>;
  sqlBytes(query: string, options?: Omit<ReadOptions, "recompute">): Promise<Uint8Array>;
  sqlStream(query: string, options?: Omit<ReadOptions, "recompute">): Promise<ReadableStream<Uint8Array>>;
  functions(): Promise<FunctionList>;
  function(name: string): Promise<FunctionInfo>;
  datasets(): Promise<readonly DatasetSummary[]>;
  dataset(name: string): Promise<DatasetInfo>;
  featureSet(dataset: string, name: string): Promise<FeatureSetInfo>;
  /** What was invoked, newest first. */
  invocations(filter?: InvocationsFilter): Promise<readonly InvocationInfo[]>;
}

export interface StartOptions {
  readonly signal?: AbortSignal;
  /** The same key, the same job: a request that is sent again starts nothing. */
  readonly idempotencyKey?: string;
  /** Compute although an equal result is kept. */
  readonly recompute?: boolean;
}

export interface InvocationsFilter {
  readonly function?: string;
  readonly outcome?: string;
  readonly limit?: number;
}
