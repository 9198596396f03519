import type { InvocationProgress } from "../../shared/protocol/invocation.ts";

/** Measures how fast an attempt computes and estimates how long it will take. */
export interface ProgressMeter {
  note(progress: InvocationProgress, at: number): void;
  rate(now: number): Rate;
}

export interface Rate {
  /** Null before any row has been computed. */
  readonly rowsPerSecond: number | null;
  readonly secondsLeft: number | null;
}

export const NO_RATE: Rate = { rowsPerSecond: null, secondsLeft: null };

interface Note {
  readonly progress: InvocationProgress;
  readonly at: number;
}

/**
 * The rate is the rows computed so far over the time since the plan was made; the time left assumes the same rate, which
 * is a guess if a later function is slower. Rows that were found cached are not counted: they took no time.
 */
export function createProgressMeter(): ProgressMeter {
  let first: Note | undefined;
  let latest: Note | undefined;
  return {
    note(progress, at) {
      latest = { progress, at };
      first ??= latest;
    },
    rate(now) {
      if (first === undefined || latest === undefined) return NO_RATE;
      const { rowsDone, rowsFound, rowCount } = latest.progress;
      const seconds = (latest.at - first.at) / 1000;
      if (rowsDone <= rowsFound || seconds <= 0) return NO_RATE;
      const rowsPerSecond = (rowsDone - rowsFound) / seconds;
      const secondsLeft = Math.max(0, (rowCount - rowsDone) / rowsPerSecond - (now - latest.at) / 1000);
      return { rowsPerSecond: Math.round(rowsPerSecond), secondsLeft: Math.round(secondsLeft * 10) / 10 };
    },
  };
}
