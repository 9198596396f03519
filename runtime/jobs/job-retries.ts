import { errorCodeOf, QuiverError } from "../../shared/errors/index.ts";

/** Failures of the machine rather than of the function: a further attempt may succeed. */
export const PASSING: readonly string[] = [
  "child-start-failed",
  "children-busy",
  "dataset-version-gone",
  "engine-died",
];

/** The pauses before further attempts, as long as no attempt finishes more partitions than those before it. */
const PAUSES_MS = [500, 2_000, 8_000];

/** Decides whether and when a job that failed is tried again. */
export interface JobRetries {
  /** The pause before the next attempt; undefined when there is none. */
  pauseAfter(error: unknown, partitionsDone: number): number | undefined;
}

export function createJobRetries(): JobRetries {
  let failures = 0;
  let partitionsDoneMax = 0;
  return {
    pauseAfter(error, partitionsDone) {
      // An attempt that made progress resets the failure count.
      if (partitionsDone > partitionsDoneMax) failures = 0;
      partitionsDoneMax = Math.max(partitionsDoneMax, partitionsDone);
      return mayPass(error) ? PAUSES_MS[failures++] : undefined;
    },
  };
}

/** A killed process is a failure of the machine, too: the system may have run out of memory. */
function mayPass(error: unknown): boolean {
  const code = errorCodeOf(error);
  if (code === "function-exited" && error instanceof QuiverError) return error.facts["signal"] === "SIGKILL";
  return code !== undefined && PASSING.includes(code);
}
