import type { FunctionGraph } from "../graph/graph.ts";
import { runFunctions, type RunFunctionsOptions } from "./run-functions.ts";
import { type PublicationJobs, runPublication } from "./run-publication.ts";
import type { ScheduleEntry, ScheduleRun } from "./schedule.ts";

/** A change of a run while it is under way. */
export type RunChange = Partial<Pick<ScheduleRun, "job" | "version" | "outcome" | "message">>;

/**
 * Runs an entry for one due time, and resolves to how that ended; undefined when the server stops before. Another call
 * for the same time resumes the same jobs. Never rejects.
 */
export type RunEntry = (
  entry: ScheduleEntry,
  run: Pick<ScheduleRun, "dueAt" | "job">,
  onChange: (change: RunChange) => void,
  signal: AbortSignal,
) => Promise<RunChange | undefined>;

export interface RunEntryOptions {
  readonly jobs: PublicationJobs;
  readonly graph: () => Promise<FunctionGraph>;
  readonly current: RunFunctionsOptions["current"];
}

/** Runs entries as jobs, which survive the server and can be listed and cancelled. */
export function createRunEntry({ jobs, graph, current }: RunEntryOptions): RunEntry {
  return async ({ name, work }, { dueAt, job }, onChange, signal) => {
    const key = `schedule/${name}/${dueAt}`;
    if (work.kind === "many") return runFunctions({ jobs, graph, current, work, key, signal });
    const onJob = (id: string) => {
      onChange({ job: id });
    };
    const publication = { request: work.request, idempotencyKey: key, job };
    const ending = await runPublication(jobs, publication, onJob, signal);
    if (ending === undefined) return undefined;
    const { outcome, message, version } = ending;
    return { outcome, message, version };
  };
}
