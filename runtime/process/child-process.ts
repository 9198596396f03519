import { spawn, type ChildProcess as NodeChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { unlinkSync, writeFileSync } from "node:fs";
import type { Readable, Writable } from "node:stream";
import type { ChildInit, ChildLine } from "../../shared/protocol/control.ts";
import { createControlChannel } from "./control-channel.ts";
import { childrenOf, descendantsOf, privateMemory } from "./measure-memory.ts";
import { createLogStream } from "./log-stream.ts";
import type { LaunchPlan } from "./plan-launch.ts";
import type { Reaper } from "./reaper.ts";

/** How a process ended. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** The events of a child process, which has one listener at a time. */
export interface ProcessEvents {
  line(line: ChildLine): void;
  log(chunk: Buffer, stream: "stdout" | "stderr"): void;
  stray(byteLength: number): void;
  tooLong(): void;
  /** Everything that the child printed to one of its two outputs before its answer has arrived. */
  logComplete(): void;
  /** The channel has ended; the process may still run. */
  channelEnded(): void;
  /** The process has ended, and everything it wrote has been read. */
  ended(exit: ProcessExit): void;
}

const IGNORE: ProcessEvents = {
  line: () => undefined,
  log: () => undefined,
  stray: () => undefined,
  tooLong: () => undefined,
  logComplete: () => undefined,
  channelEnded: () => undefined,
  ended: () => undefined,
};

/** How long the pipes may stay open after a process has ended: only a descendant outside its group holds them then. */
const DRAIN_MS_MAX = 500;

/** A process with its pipes. It reports events and can be killed; it knows nothing of limits or outcomes. */
export class ChildProcess {
  readonly pid: number;
  readonly #process: NodeChildProcess;
  readonly #input: Writable;
  readonly #reaper: Reaper;
  readonly #plan: LaunchPlan;
  #events: ProcessEvents = IGNORE;
  #exit: ProcessExit | undefined;
  #openPipes = 3;
  #ended = false;
  #mainPid: number | undefined;
  #readyMemoryBytes = 0;
  #lastWords = "";
  #insist: ReturnType<typeof setTimeout> | undefined;

  /** Resolves when the process has ended and its pipes are drained. */
  readonly whenEnded: Promise<ProcessExit>;
  #resolveEnded: (exit: ProcessExit) => void = () => undefined;

  constructor(plan: LaunchPlan, init: Omit<ChildInit, "nonce">, reaper: Reaper) {
    this.#plan = plan;
    this.#reaper = reaper;
    this.whenEnded = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    // The child gets its own process group, so that one signal reaches everything it started.
    this.#process = spawn(plan.file, [...plan.args], {
      cwd: plan.cwd,
      env: { ...plan.env },
      stdio: ["pipe", "pipe", "pipe", "pipe"],
      detached: true,
    });
    this.pid = this.#process.pid ?? -1;
    const { stdin, stdout, stderr } = this.#process;
    const control = this.#process.stdio[3];
    if (stdin === null || stdout === null || stderr === null || !isReadable(control)) {
      throw new Error("A child was started without its pipes");
    }
    this.#input = stdin;
    if (this.pid > 0) {
      reaper.add(this.pid);
      preferAsVictim(this.pid);
    }
    this.#listen(stdout, stderr, control, init);
  }

  #listen(stdout: Readable, stderr: Readable, control: Readable, init: Omit<ChildInit, "nonce">): void {
    const nonce = randomBytes(16).toString("hex");
    const channel = createControlChannel(nonce, {
      line: (line) => this.#events.line(line),
      stray: (byteLength) => this.#events.stray(byteLength),
      tooLong: () => this.#events.tooLong(),
    });
    // The outputs are always drained: a child would block when a pipe is full.
    for (const [stream, name] of [[stdout, "stdout"] as const, [stderr, "stderr"] as const]) {
      const push = createLogStream(nonce, {
        text: (chunk) => {
          if (this.#plan.wrapped && name === "stderr")
            this.#lastWords = (this.#lastWords + chunk.toString("latin1")).slice(-200);
          this.#events.log(chunk, name);
        },
        complete: () => this.#events.logComplete(),
      });
      stream.on("data", push);
      onceEnded(stream, () => this.#pipeEnded());
    }
    control.on("data", (chunk: Buffer) => channel.push(chunk));
    onceEnded(control, () => {
      this.#events.channelEnded();
      this.#pipeEnded();
    });
    this.#input.on("error", () => undefined);
    this.#process.once("exit", (code, signal) => this.#exited({ code, signal }));
    this.#process.once("error", () => this.#exited({ code: -1, signal: null }));
    this.write({ nonce, ...init });
  }

  /** Sends events to this listener from now on. */
  listen(events: ProcessEvents): void {
    this.#events = events;
    if (this.#ended && this.#exit !== undefined) events.ended(this.#trueExit(this.#exit));
  }

  write(line: unknown): void {
    this.#input.write(`${JSON.stringify(line)}\n`);
  }

  get hasEnded(): boolean {
    return this.#exit !== undefined;
  }

  /** The process that runs the child's code. If the started process only waits, this is its only child. */
  get mainPid(): number {
    return this.#mainPid ?? this.pid;
  }

  /** Private memory when the child became ready, for runs too short to be measured. */
  get readyMemoryBytes(): number {
    return this.#readyMemoryBytes;
  }

  /** Call this once the child is ready: before, the started process may have other children that make namespaces. */
  noteReady(): void {
    if (this.#plan.wrapped) this.#mainPid = childrenOf(this.pid)[0];
    this.#readyMemoryBytes = privateMemory(this.mainPid);
  }

  /** Kills the process with its group and its process namespace. */
  kill(): void {
    if (this.pid <= 0 || this.#ended) return;
    if (this.#plan.wrapped && this.#exit === undefined && this.#mainPid !== undefined) {
      // This is process 1 of its namespace; everything in the namespace ends with it. The waiting process is not killed,
      // so that it reaps this one: process 1 of the system may not reap orphans.
      signal(this.#mainPid);
      this.#insist ??= setTimeout(() => signal(-this.pid), INSIST_MS).unref();
      return;
    }
    // A process namespace ends as a whole. Elsewhere, descendants that left the group must be found while it lives.
    const strays = this.#plan.wrapped || this.#exit !== undefined ? [] : descendantsOf(this.pid);
    for (const pid of [-this.pid, ...strays]) signal(pid);
  }

  #pipeEnded(): void {
    this.#openPipes -= 1;
    if (this.#openPipes === 0 && this.#exit !== undefined) this.#end(this.#exit);
  }

  /**
   * The waiting process ends the way the child ended, except that unshare cannot do so for SIGKILL: it fails with these
   * words and code 1.
   */
  #trueExit(exit: ProcessExit): ProcessExit {
    const failed =
      this.#plan.wrapped && exit.code === 1 && /unshare: sigprocmask unblock failed/.test(this.#lastWords);
    return failed ? { code: null, signal: "SIGKILL" } : exit;
  }

  #exited(exit: ProcessExit): void {
    if (this.#exit !== undefined) return;
    this.#exit = exit;
    // Descendants in its group are killed too, which closes the pipes they inherited.
    this.kill();
    if (this.#openPipes === 0) this.#end(exit);
    else setTimeout(() => this.#end(exit), DRAIN_MS_MAX).unref();
  }

  #end(exit: ProcessExit): void {
    if (this.#ended) return;
    this.#ended = true;
    clearTimeout(this.#insist);
    this.#reaper.remove(this.pid);
    this.#process.stdout?.destroy();
    this.#process.stderr?.destroy();
    this.#input.destroy();
    this.#removeLeftovers();
    const trueExit = this.#trueExit(exit);
    this.#events.ended(trueExit);
    this.#resolveEnded(trueExit);
  }

  #removeLeftovers(): void {
    for (const path of this.#plan.leftovers) {
      try {
        unlinkSync(path);
      } catch {
        // A small file left in the cache does no harm.
      }
    }
  }
}

/** How long the waiting process may take to end after the child. */
const INSIST_MS = 2_000;

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The process has ended already.
  }
}

/** Makes the system kill a child rather than the server when memory runs out. Best effort, Linux only. */
function preferAsVictim(pid: number): void {
  if (process.platform !== "linux") return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
  } catch {
    // The process has ended already, or the system does not allow it.
  }
}

/** `end` follows the last byte, `close` also a broken pipe; whichever comes first counts. */
function onceEnded(stream: Readable, ended: () => void): void {
  let called = false;
  const once = () => {
    if (called) return;
    called = true;
    ended();
  };
  stream.once("end", once);
  stream.once("close", once);
  stream.once("error", once);
}

function isReadable(stream: unknown): stream is Readable {
  return typeof stream === "object" && stream !== null && "on" in stream && "read" in stream;
}
