import type { Table } from "apache-arrow";
import type { Job, JobStatus } from "./follow-job.ts";
import type {
  DatasetInfo,
  DatasetSummary,
  FeatureSetInfo,
  FunctionGraph,
  FunctionInfo,
  FunctionList,
  GarbageReport,
  GarbageRequest,
  InvocationInfo,
  InvocationsFilter,
  InvokeRequest,
  Plan,
  Progress,
  Published,
  PublishRequest,
  ScheduleView,
  TableFormat,
  TrainingSetRequest,
  WhyReport,
  WhyRequest,
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
export interface Client extends Reading {
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
  /** Runs a function on rows of the caller's own: canonical names, bound to its only dataset input or to `input`. */
  invokeOn(name: string, rows: Table, options?: OwnRowsOptions): Promise<Table>;
  /** The same rows with the features that were known at each of their times. */
  trainingSet(rows: Table, options: TrainingSetRequest & { readonly signal?: AbortSignal }): Promise<Table>;
  /** What has changed since the version that is current was published. */
  why(name: string, request?: WhyRequest, options?: Pick<CallOptions, "signal">): Promise<WhyReport>;
  /** Removes versions and results that nobody needs; with `dryRun` tells what it would remove. */
  gc(request?: GarbageRequest, options?: Pick<CallOptions, "signal">): Promise<GarbageReport>;
  /** What an invocation would do, without doing it. */
  explain(name: string, request?: InvokeRequest): Promise<Plan>;
}

/** What is read without anything being started. */
export interface Reading {
  functions(): Promise<FunctionList>;
  function(name: string): Promise<FunctionInfo>;
  /** What reads what, in the order it would run. */
  graph(): Promise<FunctionGraph>;
  datasets(): Promise<readonly DatasetSummary[]>;
  dataset(name: string): Promise<DatasetInfo>;
  featureSet(dataset: string, name: string): Promise<FeatureSetInfo>;
  /** What was invoked, jobs and calls, newest first. */
  invocations(filter?: InvocationsFilter): Promise<readonly InvocationInfo[]>;
  /** Jobs alone, also those that wait or run. */
  jobs(filter?: Pick<InvocationsFilter, "function" | "status" | "limit">): Promise<readonly JobStatus[]>;
  /** What is published when, and how it went last. */
  schedule(): Promise<ScheduleView>;
}

export interface StartOptions {
  readonly signal?: AbortSignal;
  /** The same key, the same job: a request that is sent again starts nothing. */
  readonly idempotencyKey?: string;
  /** Compute although an equal result is kept. */
  readonly recompute?: boolean;
  /** Among jobs, from -100 to 100, the higher the sooner; 0 when left out. */
  readonly priority?: number;
}

export interface OwnRowsOptions extends Pick<InvokeRequest, "params" | "from" | "to"> {
  /** Symbols separated by commas. */
  readonly symbols?: string;
  readonly input?: string;
  readonly signal?: AbortSignal;
}
