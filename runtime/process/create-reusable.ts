import { rmSync } from "node:fs";
import { QuiverError } from "../../shared/errors/index.ts";
import type { Outcome } from "../../shared/protocol/outcome.ts";
import type { ReusableChild } from "./child-handle.ts";
import type { Launcher } from "./launcher.ts";
import { withDefaults } from "./limits.ts";
import { runChild } from "./run-child.ts";
import { startChild, type StartedChild } from "./start-child.ts";

export interface ReusableOptions {
  readonly launcher: Launcher | (() => Promise<Launcher>);
  /** Ended after this long without a message; the next one starts a fresh process. */
  readonly idleMs?: number;
  /** Messages waiting for their turn at most. */
  readonly waitMax?: number;
}

/**
 * One process for many messages, started with the first. An ending that leaves the process in doubt (anything but
 * an answer or an awaited throw) replaces it; the next message is unaffected.
 */
export function createReusable({
  launcher,
  idleMs = 60_000,
  waitMax = 1_000,
}: ReusableOptions): ReusableChild {
  let child: StartedChild | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function discard(): void {
    const old = child;
    child = undefined;
    clearTimeout(idleTimer);
    if (old === undefined) return;
    old.process.kill();
    void old.process.whenEnded.then(() => rmSync(old.outDir, { recursive: true, force: true }));
  }

  async function runNow(
    ...[message, limits = {}, options = {}]: Parameters<ReusableChild["run"]>
  ): Promise<Outcome> {
    if (closed) throw stopping();
    clearTimeout(idleTimer);
    if (child?.process.hasEnded === true) discard();
    child ??= await startChild(typeof launcher === "function" ? await launcher() : launcher);
    const current = child;
    const run = runChild(current.process, current.outDir, message, withDefaults(limits), options, false);
    const outcome = await run.outcome;
    if (!(await run.reusable)) {
      if (child === current) discard();
    } else {
      idleTimer = setTimeout(discard, idleMs);
      idleTimer.unref();
    }
    return outcome;
  }

  function inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = turn.then(task);
    turn = result.catch(() => undefined);
    return result;
  }

  return {
    async run(message, limits, options) {
      if (closed) throw stopping();
      if (waiting >= waitMax) throw busy(waitMax);
      waiting += 1;
      try {
        return await inTurn(() => runNow(message, limits, options));
      } finally {
        waiting -= 1;
      }
    },
    async close() {
      closed = true;
      const ended = child?.process.whenEnded;
      discard();
      await ended;
    },
  };
}

function stopping(): QuiverError {
  return new QuiverError("stopping", "Cannot ask a function's process: the server is stopping.");
}

function busy(waitMax: number): QuiverError {
  return new QuiverError(
    "children-busy",
    `Cannot ask a function's process: ${waitMax} callers wait for it already. Try again later.`,
    { waitMax },
  );
}
