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
  const waiting: { readonly priority: number; readonly start: () => void }[] = [];

  function turn(signal: AbortSignal | undefined, priority: number): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        waiting.splice(waiting.indexOf(waiter), 1);
        reject(signal?.reason);
      };
      const start = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      const waiter = { priority, start };
      signal?.addEventListener("abort", abort, { once: true });
      const before = waiting.findIndex((other) => other.priority < priority);
      waiting.splice(before < 0 ? waiting.length : before, 0, waiter);
    });
  }

  return {
    async run(task, signal, priority = 0) {
      signal?.throwIfAborted();
      if (free > 0) free--;
      else if (waiting.length >= waitMax) throw refuse();
      else await turn(signal, priority);
      try {
        return await task();
      } finally {
        // The slot passes directly to the next waiter: freed first, a newcomer could take it before the waiter resumes.
        const next = waiting.shift();
        if (next === undefined) free++;
        else next.start();
      }
    },
  };
}

function tooMany(): Error {
  return new Error("Too many tasks wait for a slot");
}
