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
  /** The bearer token, for a server that requires one. */
  readonly token?: string;
  /** A replacement for fetch: one with retries, or an application in this process. */
  readonly fetch?: (request: Request) => Promise<Response>;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Receives progress whenever it changes. The work then runs as a job. */
  readonly onProgress?: (progress: Progress) => void;
  /** Compute even if an equal result is stored. */
  readonly recompute?: boolean;
}

export interface ReadOptions extends Omit<CallOptions, "onProgress"> {
  /** The Arrow stream when left out. */
  readonly format?: TableFormat;
  /** A result with more rows than this is refused. */
  readonly limit?: number;
}

/**
 * A server's functions and data. Every method rejects with a QuiverError: with one of the documented codes when the
 * server refuses or fails, with `server-unreachable` when it does not answer.
 */
export interface Client extends Reading {
  /** Runs a function and returns its rows as an Arrow table, in (symbol, ts) order. */
  invoke(name: string, request?: InvokeRequest, options?: CallOptions): Promise<Table>;
  /** Like `invoke`, but returns the bytes of a file. */
  invokeBytes(name: string, request?: InvokeRequest, options?: ReadOptions): Promise<Uint8Array>;
  /**
   * Like `invokeBytes`, but streams the bytes. With `early`, each partition is sent as soon as it is done, as an Arrow
   * stream.
   */
  invokeStream(
    name: string,
    request?: InvokeRequest,
    options?: ReadOptions & { readonly early?: boolean },
  ): Promise<ReadableStream<Uint8Array>>;
  /** Starts an invocation without waiting for it. */
  start(name: string, request?: InvokeRequest, options?: StartOptions): Promise<Job>;
  /** Starts a publication without waiting for it. */
  startPublish(name: string, request?: PublishRequest, options?: StartOptions): Promise<Job>;
  /** A job that was started earlier, by its id. */
  job(id: string): Job;
  /** Stores the rows of a function as a version of a feature set, or finds an equal version. */
  publish(name: string, request?: PublishRequest, options?: CallOptions): Promise<Published>;
  sql(query: string, options?: Pick<ReadOptions, "signal" | "limit">): Promise<Table>;
  sqlBytes(query: string, options?: Omit<ReadOptions, "recompute">): Promise<Uint8Array>;
  sqlStream(query: string, options?: Omit<ReadOptions, "recompute">): Promise<ReadableStream<Uint8Array>>;
  /**
   * Runs a function on the caller's own rows. They use canonical column names and are bound to the function's only
   * dataset input, or to `input`.
   */
  invokeOn(name: string, rows: Table, options?: OwnRowsOptions): Promise<Table>;
  /** Returns the given rows together with the features that were known at each of their times. */
  trainingSet(rows: Table, options: TrainingSetRequest & { readonly signal?: AbortSignal }): Promise<Table>;
  /** Explains what has changed since the current version was published. */
  why(name: string, request?: WhyRequest, options?: Pick<CallOptions, "signal">): Promise<WhyReport>;
  /** Removes versions and results that are no longer needed; with `dryRun` it only reports what it would remove. */
  gc(request?: GarbageRequest, options?: Pick<CallOptions, "signal">): Promise<GarbageReport>;
  /** Describes what an invocation would do, without running it. */
  explain(name: string, request?: InvokeRequest): Promise<Plan>;
}

/** The calls that only read and start no work. */
export interface Reading {
  functions(): Promise<FunctionList>;
  function(name: string): Promise<FunctionInfo>;
  /** Which function reads what, in execution order. */
  graph(): Promise<FunctionGraph>;
  datasets(): Promise<readonly DatasetSummary[]>;
  dataset(name: string): Promise<DatasetInfo>;
  featureSet(dataset: string, name: string): Promise<FeatureSetInfo>;
  /** Past invocations, both jobs and calls, newest first. */
  invocations(filter?: InvocationsFilter): Promise<readonly InvocationInfo[]>;
  /** Jobs only, including those that are queued or running. */
  jobs(filter?: Pick<InvocationsFilter, "function" | "status" | "limit">): Promise<readonly JobStatus[]>;
  /** The schedule of publications, and the outcome of the last runs. */
  schedule(): Promise<ScheduleView>;
}

export interface StartOptions {
  readonly signal?: AbortSignal;
  /** Requests with the same key share one job: sending a request again starts nothing. */
  readonly idempotencyKey?: string;
  /** Compute even if an equal result is stored. */
  readonly recompute?: boolean;
  /** The job's priority, from -100 to 100; higher ones run sooner; 0 when left out. */
  readonly priority?: number;
}

export interface OwnRowsOptions extends Pick<InvokeRequest, "params" | "from" | "to"> {
  /** Symbols separated by commas. */
  readonly symbols?: string;
  readonly input?: string;
  readonly signal?: AbortSignal;
}
