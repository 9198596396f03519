import { QuiverError } from "../../shared/errors/index.ts";

/** Work that was admitted. */
export interface Work {
  /** Aborts when the caller goes away, and when the server stops waiting for the work. */
  readonly signal: AbortSignal;
  /** To be called when the work has ended; further calls have no effect. */
  readonly end: () => void;
}

/** Whether the server accepts work, and what it is working on. */
export interface Lifecycle {
  readonly isStopping: boolean;
  readonly activeCount: number;
  /** Admits work for a caller, or throws `stopping`. */
  begin(caller: AbortSignal): Work;
  /** Refuses new work, waits for running work, aborts the rest after `graceMs`; resolves when nothing runs. */
  stop(graceMs: number): Promise<void>;
}

/** Aborted work normally ends soon; work that does not must not keep the server alive. */
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
      // AbortSignal.any with a signal of the server's own would keep more than a kilobyte per call for as long as
      // that signal lives, on both runtimes.
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
