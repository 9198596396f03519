import { errorCodeOf, isErrorCode } from "../../shared/errors/index.ts";
import type { Jobs } from "../jobs/job.ts";
import { hasEnded, type JobView } from "../jobs/job-view.ts";
import type { ScheduleEntry, ScheduleRun } from "./schedule.ts";

/** What is changed of a run while it runs. */
export type RunChange = Partial<Pick<ScheduleRun, "job" | "version" | "outcome" | "message">>;

/**
 * Does what an entry says for the time it is due, and resolves to how that ended; undefined when the server stops
 * before. Called again for the same time it goes on with the same job.
 */
export type RunEntry = (
  entry: ScheduleEntry,
  run: Pick<ScheduleRun, "dueAt" | "job">,
  onChange: (change: RunChange) => void,
  signal: AbortSignal,
) => Promise<RunChange | undefined>;

/** Runs entries as jobs: they outlive the server, and are seen and cancelled as such. */
export function createRunEntry(jobs: Pick<Jobs, "submit" | "find" | "watch">): RunEntry {
  return async ({ name, request }, { dueAt, job: known }, onChange, signal) => {
    try {
      const id = known !== null && jobs.find(known) !== undefined ? known : await submitted();
      onChange({ job: id });
      let last: JobView | undefined;
      for await (const view of jobs.watch(id, signal)) last = view;
      return last === undefined || !hasEnded(last) ? undefined : endingOf(last);
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      return { outcome: errorCodeOf(error) ?? "internal-error", message };
    }

    async function submitted(): Promise<string> {
      const idempotencyKey = `schedule/${name}/${dueAt}`;
      return (await jobs.submit({ kind: "publish", request, idempotencyKey })).job.id;
    }
  };
}

function endingOf({ status, error, result }: JobView): RunChange {
  if (status === "succeeded")
    return { outcome: "ok", message: null, version: result?.version?.version ?? null };
  const { code, detail } = { code: undefined, detail: undefined, ...error };
  return {
    outcome: isErrorCode(code) ? code : "internal-error",
    message: typeof detail === "string" ? detail : `The job ended as ${status}.`,
  };
}
