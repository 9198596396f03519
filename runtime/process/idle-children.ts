import { messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { Launcher } from "./launcher.ts";
import { discardChild, startChild, type StartedChild } from "./start-child.ts";

/** Children that were started ahead of need. One that dies while idle is replaced. */
export interface IdleChildren {
  readonly idleCount: number;
  readonly startingCount: number;
  take(): StartedChild | undefined;
  /** Starts children where there is room for more. */
  refill(): void;
  /** Kills every child, taken ones too, and resolves when all have ended. */
  close(): Promise<void>;
}

export interface IdleChildrenOptions {
  readonly launcher: Launcher | (() => Promise<Launcher>);
  /** How many children may be idle or starting now. */
  readonly countMax: () => number;
  readonly startsMax: number;
  readonly retryMs: number;
  /** Called when a start has ended well. */
  readonly onStarted: () => void;
  /** Called when a start has failed; the next one follows after a pause. */
  readonly onFailure: (error: QuiverError) => void;
}

/** A child that stays idle for this long is not one of many in a row: there is time for it to rehearse. */
const REST_MS = 200;

export function createIdleChildren(options: IdleChildrenOptions): IdleChildren {
  const { launcher, countMax, startsMax, retryMs, onStarted, onFailure } = options;
  const idle: StartedChild[] = [];
  const alive = new Set<StartedChild>();
  const starts = new Set<Promise<void>>();
  let failures = 0;
  let pausing = false;
  let closed = false;
  let starting = 0;

  function refill(): void {
    while (!closed && !pausing && starting < startsMax && idle.length + starting < countMax()) {
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
    if (closed) return void discardChild(child);
    child.process.listen({
      ...NO_EVENTS,
      ended: () => {
        const at = idle.indexOf(child);
        if (at < 0) return;
        idle.splice(at, 1);
        void discardChild(child);
        refill();
      },
    });
    if (child.process.hasEnded) void discardChild(child);
    else {
      idle.push(child);
      setTimeout(() => rehearse(child), REST_MS).unref();
    }
    onStarted();
    refill();
  }

  /** A small run while nobody waits makes the first real one faster; it costs as much as starting the child did. */
  function rehearse(child: StartedChild): void {
    if (idle.includes(child) && !child.process.hasEnded) child.process.write({ rehearse: true });
  }

  function startFailed(error: unknown): void {
    starting -= 1;
    failures += 1;
    if (closed) return;
    onFailure(asStartFailure(error));
    pausing = true;
    setTimeout(
      () => {
        pausing = false;
        refill();
      },
      retryMs * Math.min(failures, 30),
    ).unref();
  }

  return {
    get idleCount() {
      return idle.length;
    },
    get startingCount() {
      return starting;
    },
    take: () => idle.shift(),
    refill,
    async close() {
      closed = true;
      for (const child of idle.splice(0)) void discardChild(child);
      await Promise.all(starts);
      for (const child of alive) child.process.kill();
      await Promise.all([...alive].map((child) => child.process.whenEnded));
    },
  };
}

const NO_EVENTS = {
  line: () => undefined,
  log: () => undefined,
  stray: () => undefined,
  tooLong: () => undefined,
  logComplete: () => undefined,
  channelEnded: () => undefined,
};

function asStartFailure(error: unknown): QuiverError {
  if (error instanceof QuiverError) return error;
  return new QuiverError(
    "child-start-failed",
    `Cannot start a child process: ${messageOf(error)}`,
    {},
    error,
  );
}
