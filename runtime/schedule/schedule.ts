import type { PublishRequest } from "../../shared/protocol/invocation.ts";

/** What to publish, and when. */
export interface ScheduleEntry {
  readonly name: string;
  /** Five fields, or six with seconds before them. */
  readonly cron: string;
  /** The zone of the local times in `cron`. */
  readonly zone: string;
  /** What happens after missed times: the server was down, or the previous run still under way. */
  readonly missed: "run-once" | "skip";
  readonly work: { readonly kind: "one"; readonly request: PublishRequest } | ScheduledFunctions;
}

/** Functions that are published in the order of the graph, with everything they read. */
export interface ScheduledFunctions {
  readonly kind: "many";
  /** Null for all features. */
  readonly functions: readonly string[] | null;
  /** The options for all of them. */
  readonly request: Omit<PublishRequest, "function">;
}

/** One run of an entry, or a record of skipped times. */
export interface ScheduleRun {
  readonly entry: string;
  /** The due time; the last one if several were missed. */
  readonly dueAt: string;
  /** How many due times the run covers. */
  readonly dueCount: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** `ok`, the code of its error, or `missed` if the policy is to skip; null while it runs. */
  readonly outcome: string | null;
  readonly message: string | null;
  /** The id of its job; null if there are many. */
  readonly job: string | null;
  readonly version: string | null;
}

/** An entry as callers see it. */
export interface ScheduledEntry extends Pick<ScheduleEntry, "name" | "cron" | "zone" | "missed"> {
  readonly functions: readonly string[] | "all";
  readonly dataset: string | null;
  /** The next due times. */
  readonly next: readonly string[];
  readonly last: ScheduleRun | null;
}

export interface ScheduleView {
  /** The path of the file; null if it does not exist. */
  readonly file: string | null;
  /** Whether this process runs the schedule. */
  readonly running: boolean;
  /** Why the file as it is now cannot be used; null when it is used. */
  readonly problem: string | null;
  readonly entries: readonly ScheduledEntry[];
}

/** Publishes at times that a file states. */
export interface Schedule {
  view(): Promise<ScheduleView>;
  /** Starts to run what is due and what was missed; rejects with `schedule-invalid` if the file is wrong. */
  start(): Promise<void>;
  /** Starts no further runs; jobs of those under way continue on their own. */
  stop(): void;
  close(): void;
}
