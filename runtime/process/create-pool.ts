import { rmSync } from "node:fs";
import { messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { ChildHandle, Pool } from "./child-handle.ts";
import type { Launcher } from "./launcher.ts";
import { withDefaults } from "./limits.ts";
import { isBackground, PRIORITY } from "./priority.ts";
import { runChild } from "./run-child.ts";
import { startChild, type StartedChild } from "./start-child.ts";
import { yieldProcessor } from "./yield-processor.ts";

export interface PoolOptions {
  /** A pool that has to ask for it starts no child before `fill` or the first `acquire`. */
  readonly launcher: Launcher | (() => Promise<Launcher>);
  /** Processes at most, idle and running together. */
  readonly size: number;
  /** Callers waiting for a child at most; further ones are refused. */
  readonly waitMax?: number;
  /** Children being started at once at most, so that starting does not starve those that run. */
  readonly startsMax?: number;
  /** How long to wait after failed starts before the next; grows with each failure up to 30 times. */
  readonly retryMs?: number;
  /** Niceness of children that do background work: 5 leaves them a third of what a caller's child gets. */
  readonly backgroundNice?: number;
}

/** A child that was not wanted for this long is not one of many in a row: there is time for it to rehearse. */
const REST_MS = 200;

/** Children that background work leaves to callers who wait. */
const RESERVED = 1;

interface Waiter {
  readonly priority: number;
  readonly resolve: (child: ChildHandle) => void;
  readonly reject: (error: QuiverError) => void;
}

/**
 * Keeps children started ahead of need. Each is handed out once and ends after its run; its place is filled again
 * in the background. A child that dies while idle is replaced.
 */
export function createPool(options: PoolOptions): Pool {
  const { launcher, size, waitMax = 1_000, startsMax = 2, retryMs = 100, backgroundNice = 5 } = options;
  const idle: StartedChild[] = [];
  const waiters: Waiter[] = [];
  const alive = new Set<StartedChild>();
  const starts = new Set<Promise<void>>();
  let starting = 0;
  let running = 0;
  let failures = 0;
  let pausing = false;
  let closed = false;

  function refill(): void {
    while (!closed && !pausing && starting < startsMax && idle.length + starting + running < size) {
      starting += 1;
      const start = launch().then(started, startFailed);
      starts.add(start);
      void start.finally(() => starts.delete(start));
    }
  }

  async function launch(): Promise<StartedChild> {
    return startChild(typeof launcher === "function" ? await launcher() : launcher);
  }

  function started(child: StartedChild): void {
    starting -= 1;
    failures = 0;
    alive.add(child);
    void child.process.whenEnded.then(() => alive.delete(child));
    if (closed) return discard(child);
    child.process.listen({
      ...IDLE_EVENTS,
      ended: () => {
        const at = idle.indexOf(child);
        if (at < 0) return;
        idle.splice(at, 1);
        discard(child);
        refill();
      },
    });
    if (child.process.hasEnded) discard(child);
    else {
      idle.push(child);
      setTimeout(() => rehearse(child), REST_MS).unref();
    }
    handOut();
    refill();
  }

  /** A small run while nobody waits makes the first real one faster; it costs as much as starting the child did. */
  function rehearse(child: StartedChild): void {
    if (idle.includes(child) && !child.process.hasEnded) child.process.write({ rehearse: true });
  }

  /** Nobody waits for a child that cannot be had: who waits is told, and the next start is tried later. */
  function startFailed(error: unknown): void {
    starting -= 1;
    failures += 1;
    if (closed) return;
    const failure = asStartFailure(error);
    if (idle.length + running + starting === 0)
      for (const waiter of waiters.splice(0)) waiter.reject(failure);
    pausing = true;
    setTimeout(
      () => {
        pausing = false;
        refill();
      },
      retryMs * Math.min(failures, 30),
    ).unref();
  }

  /** Whether an idle child may do work of this priority: the last ones are reserved for interactive calls. */
  function hasChildFor(priority: number): boolean {
    return idle.length > (isBackground(priority) ? Math.min(RESERVED, size - 1) : 0);
  }

  function handOut(): void {
    // Sorted by priority: where the first may not have a child, nobody may.
    while (waiters[0] !== undefined && hasChildFor(waiters[0].priority)) {
      const child = idle.shift();
      const waiter = waiters.shift();
      if (child !== undefined && waiter !== undefined) waiter.resolve(handle(child, waiter.priority));
    }
  }

  function handle(child: StartedChild, priority: number): ChildHandle {
    running += 1;
    if (isBackground(priority)) yieldProcessor(child.process.mainPid, backgroundNice);
    let used = false;
    const ended = () => {
      running -= 1;
      refill();
    };
    // The place is free when the process is gone, not when its answer is there: it still has its memory.
    void child.process.whenEnded.then(ended);
    return {
      id: child.id,
      pid: child.process.mainPid,
      outDir: child.outDir,
      run(message, limits = {}, runOptions = {}) {
        if (used) throw new Error(`Child ${child.id} was used already: a one-shot child runs once`);
        used = true;
        return runChild(child.process, child.outDir, message, withDefaults(limits), runOptions, true).outcome;
      },
      async release() {
        if (used) return;
        used = true;
        discard(child);
        await child.process.whenEnded;
      },
    };
  }

  function discard(child: StartedChild): void {
    child.process.kill();
    void child.process.whenEnded.then(() => rmSync(child.outDir, { recursive: true, force: true }));
  }

  if (typeof launcher !== "function") refill();
  return {
    fill: refill,
    acquire({ priority = PRIORITY.interactive, signal } = {}) {
      if (closed) return Promise.reject(stopping());
      if (signal?.aborted === true) return Promise.reject(gaveUp());
      // Where there is one for it, nobody waits who comes before it.
      const child = hasChildFor(priority) ? idle.shift() : undefined;
      if (child !== undefined) {
        const handed = handle(child, priority);
        refill();
        return Promise.resolve(handed);
      }
      if (waiters.length >= waitMax) return Promise.reject(busy(size, waitMax));
      return new Promise<ChildHandle>((resolve, reject) => {
        const abort = () => {
          const at = waiters.indexOf(waiter);
          if (at >= 0) waiters.splice(at, 1);
          reject(gaveUp());
        };
        const waiter: Waiter = {
          priority,
          resolve(handed) {
            signal?.removeEventListener("abort", abort);
            resolve(handed);
          },
          reject,
        };
        signal?.addEventListener("abort", abort, { once: true });
        const before = waiters.findIndex((other) => other.priority < priority);
        waiters.splice(before < 0 ? waiters.length : before, 0, waiter);
        refill();
      });
    },
    stats: () => ({ idle: idle.length, starting, running, waiting: waiters.length }),
    async close() {
      if (closed) return;
      closed = true;
      for (const waiter of waiters.splice(0)) waiter.reject(stopping());
      for (const child of idle.splice(0)) discard(child);
      await Promise.all(starts);
      for (const child of alive) child.process.kill();
      await Promise.all([...alive].map((child) => child.process.whenEnded));
    },
  };
}

const IDLE_EVENTS = {
  line: () => undefined,
  log: () => undefined,
  stray: () => undefined,
  tooLong: () => undefined,
  logComplete: () => undefined,
  channelEnded: () => undefined,
};

function asStartFailure(error: unknown): QuiverError {
  if (error instanceof QuiverError) return error;
  const words = messageOf(error);
  return new QuiverError("child-start-failed", `Cannot start a child process: ${words}`, {}, error);
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
    `Cannot start a function: all ${size} child processes are busy and ${waitMax} callers wait already. Try again later.`,
    { size, waitMax },
  );
}
