import type { ImportProgress, ImportReport, ImportRequest } from "../../shared/protocol/import.ts";
import type { Catalog } from "../catalog/catalog.ts";
import type { Invoker, SpooledResult } from "../invoke/invocation.ts";
import type { Jobs } from "../jobs/job.ts";
import type { ResultStore } from "../results/result-store.ts";
import type { Schedule } from "../schedule/schedule.ts";
import type { Settings } from "../settings.ts";
import type { ControlDatabase } from "../store/control-database.ts";
import type { Lifecycle } from "./lifecycle.ts";
import type { Metrics } from "./metrics.ts";
import type { ResultFormat } from "../../shared/protocol/result.ts";
import type { TrainingService } from "../training/training-service.ts";

/** Bytes of an answer as they come. Reading slowly slows the producer down, returning early stops it. */
export type ByteChunks = AsyncIterable<Uint8Array>;

export interface SqlOptions {
  readonly format: ResultFormat;
  /** More rows than this are refused with `row-limit-exceeded`; null for no limit. */
  readonly rowLimit: number | null;
  readonly signal: AbortSignal;
}

/** Read-only SQL over the datasets. */
export interface SqlService {
  /** Resolves when the first bytes exist, so that a refused query still gets a status of its own. */
  query(query: string, options: SqlOptions): Promise<ByteChunks>;
}

/** Converts a spooled result to any format other than Arrow. */
export interface FormatService {
  write(
    result: SpooledResult,
    options: {
      readonly format: ResultFormat;
      readonly rowLimit: number | null;
      readonly signal: AbortSignal;
    },
  ): Promise<ByteChunks>;
}

/** Imports files on this machine. */
export interface ImportService {
  run(
    request: ImportRequest,
    hooks: { readonly onProgress: (progress: ImportProgress) => void; readonly signal: AbortSignal },
  ): Promise<ImportReport>;
}

/** A condition of readiness, and whether it is met. */
export interface ReadinessCheck {
  readonly name: string;
  readonly ok: boolean;
  readonly detail: string;
}

/** Where faults are logged; expected failures are answered instead. */
export interface Logger {
  info(message: string): void;
  error(message: string): void;
}

/** Everything the application depends on. */
export interface Services {
  readonly version: string;
  /** `bun 1.4.4`, `deno 2.9.6`. */
  readonly runtime: string;
  /** Random; tells one run of a server from the next. */
  readonly instance: string;
  readonly settings: Settings;
  readonly catalog: Catalog;
  readonly invoker: Invoker;
  readonly jobs: Jobs;
  readonly schedule: Schedule;
  /** Cached results of partitions. */
  readonly results: Pick<ResultStore, "collectUnused">;
  readonly sql: SqlService;
  readonly formats: FormatService;
  readonly training: TrainingService;
  readonly imports: ImportService;
  readonly control: ControlDatabase;
  readonly metrics: Metrics;
  readonly lifecycle: Lifecycle;
  readonly logger: Logger;
  /** Receives what an author's handler prints, as it comes. */
  readonly onAuthorOutput: (text: string) => void;
  /** Folder in which request bodies are spooled as they arrive. */
  readonly uploadDir: string;
  readiness(): Promise<readonly ReadinessCheck[]>;
}
