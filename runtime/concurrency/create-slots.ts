import { createWaitingLine } from "./waiting-line.ts";

/** Runs up to a fixed number of tasks at once: higher priorities first, equal ones in the order they came. */
export interface Slots {
  /** Rejects with the signal's reason, without running the task, when the signal aborts while the task waits. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal, priority?: number): Promise<T>;
}

export interface SlotsOptions {
  readonly count: number;
  /** How many tasks may wait; one more is rejected with the error that `refuse` makes. */
  readonly waitMax?: number;
  readonly refuse?: () => Error;
}

export function createSlots({ count, waitMax = Infinity, refuse = tooMany }: SlotsOptions): Slots {
  let free = count;
  const waiting = createWaitingLine<void>();
  return {
    async run(task, signal, priority = 0) {
      signal?.throwIfAborted();
      if (free > 0) free--;
      else if (waiting.length >= waitMax) throw refuse();
      else await waiting.wait(priority, signal);
      try {
        return await task();
      } finally {
        // The slot passes directly to the next waiter: freed first, a newcomer could take it before the waiter resumes.
        if (!waiting.serve()) free++;
      }
    },
  };
}

function tooMany(): Error {
  return new Error("Too many tasks wait for a slot");
}
