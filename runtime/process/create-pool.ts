import { QuiverError } from "../../shared/errors/index.ts";
import { createWaitingLine } from "../concurrency/waiting-line.ts";
import type { ChildHandle, Pool } from "./child-handle.ts";
import { createIdleChildren, type IdleChildrenOptions } from "./idle-children.ts";
import { withDefaults } from "./limits.ts";
import { isBackground, PRIORITY } from "./priority.ts";
import { runChild } from "./run-child.ts";
import { discardChild, type StartedChild } from "./start-child.ts";
import { yieldProcessor } from "./yield-processor.ts";

export interface PoolOptions {
  /** A pool that has to ask for its launcher starts no child before `fill` or the first `acquire`. */
  readonly launcher: IdleChildrenOptions["launcher"];
  /** The limit for processes, idle and running together. */
  readonly size: number;
  /** The limit for callers that wait for a child; further ones are refused. */
  readonly waitMax?: number;
  /** The limit for children being started at once, so that starting does not starve those that run. */
  readonly startsMax?: number;
  /** The pause after a failed start; it grows with each further failure, up to 30 times. */
  readonly retryMs?: number;
  /** The niceness of children that do background work: 5 leaves them a third of what a caller's child gets. */
  readonly backgroundNice?: number;
}

/** The idle children that background work leaves to callers who wait. */
const RESERVED = 1;

/**
 * Keeps children started ahead of need. Each is handed out once and ends after its run; its place is filled again
 * in the background.
 */
export function createPool(options: PoolOptions): Pool {
  const { launcher, size, waitMax = 1_000, startsMax = 2, retryMs = 100, backgroundNice = 5 } = options;
  const waiters = createWaitingLine<ChildHandle>(gaveUp);
  let running = 0;
  let closed = false;
  const children = createIdleChildren({
    launcher,
    startsMax,
    retryMs,
    countMax: () => size - running,
    onStarted: handOut,
    onFailure(error) {
      // Callers do not wait for children that cannot be started.
      if (children.idleCount + children.startingCount + running === 0) waiters.refuseAll(error);
    },
  });

  /** Whether an idle child may do work of this priority: the last ones are reserved for interactive calls. */
  function hasChildFor(priority: number): boolean {
    return children.idleCount > (isBackground(priority) ? Math.min(RESERVED, size - 1) : 0);
  }

  function handOut(): void {
    // Where the first caller in line may not have a child, nobody behind it may.
    for (;;) {
      const priority = waiters.nextPriority;
      const child = priority !== undefined && hasChildFor(priority) ? children.take() : undefined;
      if (priority === undefined || child === undefined) return;
      waiters.serve(handle(child, priority));
    }
  }

  function handle(child: StartedChild, priority: number): ChildHandle {
    running += 1;
    if (isBackground(priority)) yieldProcessor(child.process.mainPid, backgroundNice);
    let used = false;
    // The place is free when the process has ended, not when it has answered: until then it holds its memory.
    void child.process.whenEnded.then(() => {
      running -= 1;
      children.refill();
    });
    return {
      id: child.id,
      pid: child.process.mainPid,
      outDir: child.outDir,
      run(message, limits = {}, runOptions = {}) {
        if (used) throw new Error(`Child ${child.id} was used already: a one-shot child runs once`);
        used = true;
        return runChild(child, message, withDefaults(limits), { ...runOptions, oneShot: true }).outcome;
      },
      async release() {
        if (used) return;
        used = true;
        await discardChild(child);
      },
    };
  }

  if (typeof launcher !== "function") children.refill();
  return {
    fill: () => children.refill(),
    async acquire({ priority = PRIORITY.interactive, signal } = {}) {
      if (closed) throw stopping();
      if (signal?.aborted === true) throw gaveUp();
      // While a child is idle for this priority, nobody with a higher one waits.
      const child = hasChildFor(priority) ? children.take() : undefined;
      if (child === undefined && waiters.length >= waitMax) throw busy(size, waitMax);
      const acquired = child === undefined ? waiters.wait(priority, signal) : handle(child, priority);
      children.refill();
      return acquired;
    },
    stats: () => ({
      idle: children.idleCount,
      starting: children.startingCount,
      running,
      waiting: waiters.length,
    }),
    async close() {
      if (closed) return;
      closed = true;
      waiters.refuseAll(stopping());
      await children.close();
    },
  };
}

function stopping(): QuiverError {
  return new QuiverError("stopping", "Cannot start a function: the server is stopping.");
}

function gaveUp(): QuiverError {
  return new QuiverError(
    "invocation-cancelled",
    "Cannot start a function: its caller gave up while it waited for a child process.",
  );
}

function busy(size: number, waitMax: number): QuiverError {
  return new QuiverError(
    "children-busy",
    `Cannot start a function: all ${size} child processes are busy and ${waitMax} callers wait already. Try again later, or raise --children-max or --queue-size-max.`,
    { size, waitMax },
  );
}
