/** The progress of a running job. */
export interface RunningJob {
  readonly elapsedMs: number;
  /** The estimate from its progress; null before there is one. */
  readonly leftMs: number | null;
}

/** The assumed duration of a job before any job has ended. */
const UNKNOWN_MS = 5_000;
const WAIT_MS = { min: 1_000, max: 60_000 };

/**
 * Estimates how long it takes until the first running job ends and another one starts. A job without progress is assumed
 * to take the median of recent jobs, running ones included; once past that, twice its elapsed time.
 */
export function estimateWaitMs(recentMs: readonly number[], running: readonly RunningJob[]): number {
  const known = recentMs.length === 0 ? [UNKNOWN_MS] : recentMs;
  const sorted = [...known, ...running.map(({ elapsedMs }) => elapsedMs)].toSorted((a, b) => a - b);
  const typical = sorted[Math.floor(sorted.length / 2)] ?? UNKNOWN_MS;
  const lefts = running.map(
    ({ elapsedMs, leftMs }) => leftMs ?? (elapsedMs < typical ? typical - elapsedMs : elapsedMs),
  );
  const wait = lefts.length === 0 ? typical : Math.min(...lefts);
  return Math.min(WAIT_MS.max, Math.max(WAIT_MS.min, wait));
}
