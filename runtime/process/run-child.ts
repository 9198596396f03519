import { messageOf } from "../../shared/errors/index.ts";
import type { Outcome, OutcomeFacts } from "../../shared/protocol/outcome.ts";
import { CHANNEL_LOST_EXIT_CODE, type ChildLine } from "../../shared/protocol/control.ts";
import type { RunOptions } from "./child-handle.ts";
import type { ChildProcess, ProcessExit } from "./child-process.ts";
import type { Limits } from "./limits.ts";
import { LogTail } from "./log-tail.ts";
import { outOfMemoryEvidence } from "./out-of-memory.ts";
import type { StartedChild } from "./start-child.ts";
import { watchUse } from "./watch-use.ts";

/** An outcome without its facts. */
type Ending = Outcome extends infer O ? (O extends Outcome ? Omit<O, keyof OutcomeFacts> : never) : never;

export interface RunChildOptions extends RunOptions {
  /** Whether the child ends after this message. */
  readonly oneShot: boolean;
}

/** A message that was sent to a child. */
export interface ChildRun {
  readonly outcome: Promise<Outcome>;
  /** Whether the process can take another message afterwards. */
  readonly reusable: Promise<boolean>;
}

/** How long to wait for the log after an answer; only if author code closed its output does the log take longer. */
const LOG_MS_MAX = 100;

/** If the process does not end within this time after its channel, author code has closed the channel. */
const CHANNEL_CLOSED_MS = 250;

/**
 * Sends a message and decides its outcome: exactly one, whatever the child does. Unless the child is kept for more
 * messages, its whole group is killed at the end; every outcome but an answer waits until the process has ended.
 */
export function runChild(
  { process: child, outDir }: StartedChild,
  message: unknown,
  limits: Limits,
  { signal, onLog, onProgress, oneShot }: RunChildOptions,
): ChildRun {
  const startedAt = performance.now();
  const log = new LogTail();
  let settled = false;
  let openLogs = 2;
  let logsComplete: () => void = () => undefined;
  const logComplete = new Promise<void>((resolve) => (logsComplete = resolve));
  let resolveOutcome: (outcome: Outcome) => void = () => undefined;
  let resolveReusable: (reusable: boolean) => void = () => undefined;
  const outcome = new Promise<Outcome>((resolve) => (resolveOutcome = resolve));
  const reusable = new Promise<boolean>((resolve) => (resolveReusable = resolve));

  const use = watchUse(child, outDir, limits, (exceeded) => settle(exceeded));
  const timer = setTimeout(
    () => settle({ kind: "timed-out", limitMs: limits.wallTimeMs }),
    Math.min(limits.wallTimeMs, 2 ** 31 - 1),
  );
  const abort = () => settle({ kind: "cancelled", reason: messageOf(signal?.reason) });
  signal?.addEventListener("abort", abort, { once: true });

  child.listen({
    line: (line) => answered(line),
    log(chunk, stream) {
      const text = log.add(chunk, stream);
      if (text !== "") onLog?.(text, stream);
      checkLog();
    },
    stray(byteLength) {
      log.count(byteLength);
      checkLog();
    },
    tooLong: () =>
      settle({ kind: "broke-contract", reason: "it wrote an endless line to its control channel" }),
    logComplete() {
      openLogs -= 1;
      if (openLogs === 0) logsComplete();
    },
    channelEnded() {
      setTimeout(() => {
        if (!child.hasEnded) settle({ kind: "broke-contract", reason: "it closed its control channel" });
      }, CHANNEL_CLOSED_MS).unref();
    },
    ended: (exit) => settle(endingOf(exit)),
  });
  if (signal?.aborted === true) abort();
  else if (!child.hasEnded) child.write({ message });

  function answered(line: ChildLine): void {
    if (line.type === "progress") onProgress?.(line.value);
    else if (line.type === "reply") settleReply("reply" in line ? { reply: line.reply } : undefined);
    else if (line.type === "threw") settle({ kind: "threw", ...line.thrown }, !line.uncaught);
    else if (line.type === "broke-contract") settle({ kind: "broke-contract", reason: line.reason });
  }

  function settleReply(answer: { reply: unknown } | undefined): void {
    const exceeded = use.outputExceeded();
    if (exceeded !== undefined) settle(exceeded);
    else if (answer === undefined) {
      settle({
        kind: "broke-contract",
        reason: "its reply cannot be written as JSON (a function or a symbol)",
      });
    } else settle({ kind: "ok", reply: answer.reply }, true);
  }

  function checkLog(): void {
    if (log.byteLength <= limits.logBytes) return;
    settle({
      kind: "broke-contract",
      reason: `it printed more than ${limits.logBytes} bytes, the limit for its log`,
    });
  }

  function endingOf(exit: ProcessExit): Ending {
    const by = outOfMemoryEvidence(exit, log.text(), use.systemKillsBefore());
    if (by !== undefined) return { kind: "out-of-memory", by, limitBytes: limits.memoryBytes };
    if (exit.code === CHANNEL_LOST_EXIT_CODE) {
      return { kind: "broke-contract", reason: "it closed its control channel" };
    }
    return { kind: "exited", code: exit.code, signal: exit.signal };
  }

  function settle(ending: Ending, intact = false): void {
    if (settled) return;
    settled = true;
    const durationMs = performance.now() - startedAt;
    clearTimeout(timer);
    signal?.removeEventListener("abort", abort);
    const peakMemoryBytes = use.stop();
    const keep = intact && !oneShot;
    void finish(child, keep, intact ? logComplete : undefined).then(() => {
      const facts = { durationMs, peakMemoryBytes, logTail: log.text(), logBytes: log.byteLength };
      resolveOutcome({ ...ending, ...facts });
      resolveReusable(keep && !child.hasEnded);
    });
  }

  return { outcome, reusable };
}

/**
 * Waits for everything that belongs to the outcome: after an answer, the log printed before it; otherwise the end of
 * the process and everything it started.
 */
async function finish(child: ChildProcess, keep: boolean, log: Promise<void> | undefined): Promise<void> {
  if (log === undefined) {
    child.kill();
    await child.whenEnded;
    return;
  }
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, LOG_MS_MAX)));
  await Promise.race([log, late, child.whenEnded]);
  clearTimeout(timer);
  if (!keep) child.kill();
}
