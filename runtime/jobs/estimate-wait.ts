/** A job that runs now. */
export interface RunningJob {
  readonly elapsedMs: number;
  /** As its own progress tells; null where it tells nothing yet. */
  readonly leftMs: number | null;
}

/** What is taken for a job's time before any has ended. */
const UNKNOWN_MS = 5_000;
const WAIT_MS = { min: 1_000, max: 60_000 };

/**
 * How long until the first of the running jobs ends and another one begins. What tells nothing of its progress takes as
 * long as half of the jobs did lately, those that run counted with what they took so far; and once it has taken longer
 * than that, as long again as it took already.
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
