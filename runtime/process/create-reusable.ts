import { QuiverError } from "../../shared/errors/index.ts";
import type { Outcome } from "../../shared/protocol/outcome.ts";
import { createSlots } from "../concurrency/create-slots.ts";
import type { ReusableChild } from "./child-handle.ts";
import type { Launcher } from "./launcher.ts";
import { withDefaults } from "./limits.ts";
import { runChild } from "./run-child.ts";
import { discardChild, startChild, type StartedChild } from "./start-child.ts";

export interface ReusableOptions {
  readonly launcher: Launcher | (() => Promise<Launcher>);
  /** The process ends after this long without a message; the next message starts a fresh one. */
  readonly idleMs?: number;
  /** The limit for messages that wait for their turn. */
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
  const turns = createSlots({ count: 1, waitMax, refuse: () => busy(waitMax) });
  let child: StartedChild | undefined;
  let idleTimer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  async function discard(): Promise<void> {
    const old = child;
    child = undefined;
    clearTimeout(idleTimer);
    if (old !== undefined) await discardChild(old);
  }

  async function runNow(
    ...[message, limits = {}, options = {}]: Parameters<ReusableChild["run"]>
  ): Promise<Outcome> {
    if (closed) throw stopping();
    clearTimeout(idleTimer);
    if (child?.process.hasEnded === true) void discard();
    child ??= await startChild(typeof launcher === "function" ? await launcher() : launcher);
    const current = child;
    const run = runChild(current, message, withDefaults(limits), { ...options, oneShot: false });
    const outcome = await run.outcome;
    if (!(await run.reusable)) {
      if (child === current) void discard();
    } else {
      idleTimer = setTimeout(() => void discard(), idleMs);
      idleTimer.unref();
    }
    return outcome;
  }

  return {
    async run(...given) {
      if (closed) throw stopping();
      return turns.run(() => runNow(...given));
    },
    async close() {
      closed = true;
      await discard();
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
