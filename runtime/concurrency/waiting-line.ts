/** Callers that wait for their turn: higher priorities first, equal ones in the order they came. */
export interface WaitingLine<T> {
  readonly length: number;
  /** The priority of the caller whose turn is next; undefined when nobody waits. */
  readonly nextPriority: number | undefined;
  /** Resolves with what `serve` hands over. */
  wait(priority: number, signal: AbortSignal | undefined): Promise<T>;
  /** Hands a value to the caller whose turn is next; false when nobody waits. */
  serve(value: T): boolean;
  refuseAll(error: Error): void;
}

interface Waiter<T> {
  readonly priority: number;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

/** A caller whose signal aborts leaves the line and is rejected with what `gaveUp` makes. */
export function createWaitingLine<T>(
  gaveUp: (signal: AbortSignal) => unknown = ({ reason }) => reason,
): WaitingLine<T> {
  const waiters: Waiter<T>[] = [];
  return {
    get length() {
      return waiters.length;
    },
    get nextPriority() {
      return waiters[0]?.priority;
    },
    wait(priority, signal) {
      return new Promise((resolve, reject) => {
        const abort = () => {
          const at = waiters.indexOf(waiter);
          if (at >= 0) waiters.splice(at, 1);
          if (signal !== undefined) reject(gaveUp(signal));
        };
        const leave = () => signal?.removeEventListener("abort", abort);
        const waiter: Waiter<T> = {
          priority,
          resolve(value) {
            leave();
            resolve(value);
          },
          reject(error) {
            leave();
            reject(error);
          },
        };
        signal?.addEventListener("abort", abort, { once: true });
        const before = waiters.findIndex((other) => other.priority < priority);
        waiters.splice(before < 0 ? waiters.length : before, 0, waiter);
      });
    },
    serve(value) {
      const next = waiters.shift();
      next?.resolve(value);
      return next !== undefined;
    },
    refuseAll(error) {
      for (const waiter of waiters.splice(0)) waiter.reject(error);
    },
  };
}
