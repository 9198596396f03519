/** `quiver/client`: a server's functions and data from a browser, Bun, Deno or Node, using only fetch. */
export { createClient } from "./create-client.ts";
export type {
  CallOptions,
  Client,
  ClientOptions,
  OwnRowsOptions,
  ReadOptions,
  StartOptions,
} from "./client.ts";
export type { Job, JobStatus } from "./follow-job.ts";
export type {
  DatasetInfo,
  FeatureSetInfo,
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
  TableFormat,
  TrainingSetRequest,
  WhyReport,
  WhyRequest,
} from "./messages.ts";
export { errorCodeOf, QuiverError } from "../errors/quiver-error.ts";
export type { ErrorCode } from "../errors/codes.ts";
