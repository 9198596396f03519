/** What a caller binds an input to, in place of what the function declares. */
export type InputBinding =
  | { readonly dataset: string }
  | { readonly function: string; readonly params?: Readonly<Record<string, unknown>> };

/** An invocation as requested: its shape is checked, its names are not looked up yet. */
export interface InvocationRequest {
  readonly function: string;
  /** Default: the default dataset. */
  readonly dataset?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  /** Default: all symbols. `{ sql }` takes the single text column of a query. */
  readonly symbols?: readonly string[] | { readonly sql: string };
  /** First output time, inclusive: a date or an ISO time. Never changes a value. */
  readonly from?: string;
  /** End of the output times, exclusive. Never changes a value. */
  readonly to?: string;
  readonly asOf?: string;
  /** By input name. */
  readonly inputs?: Readonly<Record<string, InputBinding>>;
}

export interface PublishRequest extends InvocationRequest {
  /** Name of the feature set. Default: the function's name. */
  readonly as?: string;
  /** Publish even if the name holds something else. */
  readonly replace?: boolean;
  readonly codec?: "zstd" | "uncompressed";
  readonly compressionLevel?: number;
  /** Also keep column files, so that functions published next that read this one need not compute it again. */
  readonly forReaders?: boolean;
}

/**
 * The progress of an invocation over all functions it runs. Each function counts its planned rows, so rows that three
 * functions compute count three times.
 */
export interface InvocationProgress {
  /** The current work: a function's name, `loading`, `sorting rows by time` or `sorting rows by symbol`. */
  readonly stage: string;
  readonly partitionsDone: number;
  readonly partitionCount: number;
  readonly rowsDone: number;
  readonly rowCount: number;
  /** How many of the rows done came from existing results. */
  readonly rowsFound: number;
}

/** Milliseconds by stage, in order: `resolve`, `plan`, `load`, `run`, `collect`. */
export type StageTimings = readonly { readonly stage: string; readonly milliseconds: number }[];
