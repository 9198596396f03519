import { QuiverError } from "../../shared/errors/index.ts";

/** Whether the server takes work, and what it is still working on. */
export interface Lifecycle {
  /** Aborted when running work must end now. */
  readonly signal: AbortSignal;
  readonly isStopping: boolean;
  readonly activeCount: number;
  /** Admits a piece of work, or throws `stopping`; call the result once when it has ended. */
  begin(): () => void;
  /** Refuses new work, waits for the running work, aborts what is left after `graceMs`; resolves when none runs. */
  stop(graceMs: number): Promise<void>;
}

export function createLifecycle(): Lifecycle {
  const abort = new AbortController();
  let isStopping = false;
  let activeCount = 0;
  let onIdle: (() => void) | undefined;
  return {
    signal: abort.signal,
    get isStopping() {
      return isStopping;
    },
    get activeCount() {
      return activeCount;
    },
    begin() {
      if (isStopping) {
        throw new QuiverError(
          "stopping",
          "Cannot take the request: the server is stopping. Try again shortly.",
        );
      }
      activeCount++;
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        activeCount--;
        if (activeCount === 0) onIdle?.();
      };
    },
    async stop(graceMs) {
      isStopping = true;
      if (activeCount === 0) return;
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      const timer = setTimeout(() => {
        abort.abort(
          new QuiverError(
            "stopping",
            `The server stopped before the work was done: it allows ${graceMs} ms.`,
          ),
        );
      }, graceMs);
      // Aborted work ends soon; work that does not even end then must not keep the server alive.
      const patience = new Promise<void>((resolve) => {
        setTimeout(resolve, graceMs + 2000).unref();
      });
      await Promise.race([idle, patience]);
      clearTimeout(timer);
    },
  };
}
