import type { PublishRequest } from "../../shared/protocol/invocation.ts";

/** Publications at stated times. */
export interface ScheduleEntry {
  readonly name: string;
  /** Five fields, or six with seconds before them. */
  readonly cron: string;
  /** The zone whose clock on the wall `cron` speaks of. */
  readonly zone: string;
  /** What becomes of times at which it did not run: the server was down, or its last run still under way. */
  readonly missed: "run-once" | "skip";
  readonly work: { readonly kind: "one"; readonly request: PublishRequest } | ScheduledFunctions;
}

/** Functions that are published in the order of the graph, with what they read. */
export interface ScheduledFunctions {
  readonly kind: "many";
  /** Null for every feature there is. */
  readonly functions: readonly string[] | null;
  /** What holds for all of them. */
  readonly request: Omit<PublishRequest, "function">;
}

/** One run of an entry, or times of it that were left out. */
export interface ScheduleRun {
  readonly entry: string;
  /** The time it stands for: of several that were missed the last. */
  readonly dueAt: string;
  /** How many times it stands for. */
  readonly dueCount: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  /** `ok`, the code of the error it ended in, `missed` where the policy was to skip; null while it runs. */
  readonly outcome: string | null;
  readonly message: string | null;
  /** The job that does it; null where there are many. */
  readonly job: string | null;
  readonly version: string | null;
}

/** An entry as a reader sees it. */
export interface ScheduledEntry extends Pick<ScheduleEntry, "name" | "cron" | "zone" | "missed"> {
  readonly functions: readonly string[] | "all";
  readonly dataset: string | null;
  /** The next times it is due. */
  readonly next: readonly string[];
  readonly last: ScheduleRun | null;
}

export interface ScheduleView {
  /** The file; null where there is none. */
  readonly file: string | null;
  /** Whether this process runs what is due. */
  readonly running: boolean;
  /** Why the file as it is now cannot be used, and what goes on instead; null when it is used. */
  readonly problem: string | null;
  readonly entries: readonly ScheduledEntry[];
}

/** Publications at stated times, from a file. */
export interface Schedule {
  view(): Promise<ScheduleView>;
  /** Runs what is due from now on, and what was missed; rejects with `schedule-invalid` where the file is wrong. */
  start(): Promise<void>;
  /** No run starts any more; the jobs of those under way go on by themselves. */
  stop(): void;
  close(): void;
}
