/** Runs at most so many tasks at once, in the order they came. */
export interface Slots {
  /** Rejects with the signal's reason, without running, when it aborts while the task waits. */
  run<T>(task: () => Promise<T>, signal?: AbortSignal): Promise<T>;
}

export interface SlotsOptions {
  readonly count: number;
  /** Tasks waiting at most; `refuse` makes the error for one more. */
  readonly waitMax?: number;
  readonly refuse?: () => Error;
}

export function createSlots({ count, waitMax = Infinity, refuse = tooMany }: SlotsOptions): Slots {
  let free = count;
  const waiting: (() => void)[] = [];

  function turn(signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = () => {
        waiting.splice(waiting.indexOf(start), 1);
        reject(signal?.reason);
      };
      const start = () => {
        signal?.removeEventListener("abort", abort);
        resolve();
      };
      signal?.addEventListener("abort", abort, { once: true });
      waiting.push(start);
    });
  }

  return {
    async run(task, signal) {
      signal?.throwIfAborted();
      if (free > 0) free--;
      else if (waiting.length >= waitMax) throw refuse();
      else await turn(signal);
      try {
        return await task();
      } finally {
        // The place goes from hand to hand, so that nobody who comes later is before who waits.
        const next = waiting.shift();
        if (next === undefined) free++;
        else next();
      }
    },
  };
}

function tooMany(): Error {
  return new Error("Too many tasks wait for a slot");
}
