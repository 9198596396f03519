import { QuiverError } from "../../shared/errors/index.ts";

/** A piece of work that was admitted. */
export interface Work {
  /** Aborts when the caller goes away, and when the server cannot wait for the work any longer. */
  readonly signal: AbortSignal;
  /** To be called when the work has ended; a second time it does nothing. */
  readonly end: () => void;
}

/** Whether the server takes work, and what it is still working on. */
export interface Lifecycle {
  readonly isStopping: boolean;
  readonly activeCount: number;
  /** Admits a piece of work of a caller, or throws `stopping`. */
  begin(caller: AbortSignal): Work;
  /** Refuses new work, waits for the running work, aborts what is left after `graceMs`; resolves when none runs. */
  stop(graceMs: number): Promise<void>;
}

/** Aborted work ends soon; work that does not even end then must not keep the server alive. */
const PATIENCE_MS = 2000;

export function createLifecycle(): Lifecycle {
  const active = new Set<AbortController>();
  let isStopping = false;
  let onIdle: (() => void) | undefined;
  return {
    get isStopping() {
      return isStopping;
    },
    get activeCount() {
      return active.size;
    },
    begin(caller) {
      if (isStopping) {
        throw new QuiverError(
          "stopping",
          "Cannot take the request: the server is stopping. Try again shortly.",
        );
      }
      // Not AbortSignal.any with a signal of the server's own: it keeps more than a kilobyte for each call as long
      // as that signal lives, on both runtimes.
      const controller = new AbortController();
      const follow = () => {
        controller.abort(caller.reason);
      };
      if (caller.aborted) follow();
      else caller.addEventListener("abort", follow, { once: true });
      active.add(controller);
      return {
        signal: controller.signal,
        end() {
          caller.removeEventListener("abort", follow);
          if (active.delete(controller) && active.size === 0) onIdle?.();
        },
      };
    },
    async stop(graceMs) {
      isStopping = true;
      if (active.size === 0) return;
      const idle = new Promise<void>((resolve) => {
        onIdle = resolve;
      });
      const timer = setTimeout(() => {
        const message = `The server stopped before the work was done: it allows ${graceMs} ms.`;
        for (const controller of active) controller.abort(new QuiverError("stopping", message));
      }, graceMs);
      const patience = new Promise<void>((resolve) => {
        setTimeout(resolve, graceMs + PATIENCE_MS).unref();
      });
      await Promise.race([idle, patience]);
      clearTimeout(timer);
    },
  };
}
