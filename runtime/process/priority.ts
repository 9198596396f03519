/** Priorities of work that waits for a process; higher ones come first. */
export const PRIORITY = {
  /** A caller waits for the answer. */
  interactive: 0,
  /** A publish takes seconds anyway, so it comes after interactive calls. */
  publish: -1,
} as const;

const JOBS = -1000;

/** Wider than the range of jobs' own priorities, -100 to 100: every small job comes before every other one. */
const SMALL_JOBS_ABOVE = 201;

/** The priority of a job's partitions: below all direct calls, small jobs first, then by the job's own priority. */
export function priorityOfJob(own: number, isSmall: boolean): number {
  return JOBS + own + (isSmall ? SMALL_JOBS_ABOVE : 0);
}

/** Whether the work leaves room for interactive calls: it may not use reserved processes and yields the processor. */
export function isBackground(priority: number): boolean {
  return priority < PRIORITY.interactive;
}
