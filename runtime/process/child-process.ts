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

/** How a process ended, and what could still be read from it then. */
export interface ProcessExit {
  readonly code: number | null;
  readonly signal: string | null;
}

/** What happens to a child process, to one listener at a time. */
export interface ProcessEvents {
  line(line: ChildLine): void;
  log(chunk: Buffer, stream: "stdout" | "stderr"): void;
  stray(byteLength: number): void;
  tooLong(): void;
  /** What the child printed to one of its two outputs before its answer has all arrived. */
  logComplete(): void;
  /** Its channel has ended; it may still run. */
  channelEnded(): void;
  /** It has ended, and so has everything that could be read from it. */
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

/** How long after a process's end its pipes may stay open: only a descendant outside its group holds them then. */
const DRAIN_MS_MAX = 500;

/** A started process with its pipes: starts, reports, is killed; knows nothing of limits or outcomes. */
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

  /** Resolves when it has ended and its pipes are drained. */
  readonly whenEnded: Promise<ProcessExit>;
  #resolveEnded: (exit: ProcessExit) => void = () => undefined;

  constructor(plan: LaunchPlan, init: Omit<ChildInit, "nonce">, reaper: Reaper) {
    this.#plan = plan;
    this.#reaper = reaper;
    this.whenEnded = new Promise((resolve) => {
      this.#resolveEnded = resolve;
    });
    // A group of its own, so that one signal reaches everything it started.
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
    // Always drained, or a child that prints would stop when its pipe is full.
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

  /** From now on events go to this listener. */
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

  /** The process that runs the child's code: the only child of the one that was started, where that only waits. */
  get mainPid(): number {
    return this.#mainPid ?? this.pid;
  }

  /** Private memory when it became ready, for a run too short to be looked at. */
  get readyMemoryBytes(): number {
    return this.#readyMemoryBytes;
  }

  /** To be told when it is ready: before, what is started may have other children, which make its namespaces. */
  noteReady(): void {
    if (this.#plan.wrapped) this.#mainPid = childrenOf(this.pid)[0];
    this.#readyMemoryBytes = privateMemory(this.mainPid);
  }

  /** Ends it and everything in its group and process namespace. Nothing in it is asked. */
  kill(): void {
    if (this.pid <= 0 || this.#ended) return;
    if (this.#plan.wrapped && this.#exit === undefined && this.#mainPid !== undefined) {
      // Process 1 of its namespace, with which everything in it ends. The process that waits for it is left to notice,
      // which takes it out of the system's table: otherwise nobody might, where process 1 of the system does not.
      signal(this.#mainPid);
      this.#insist ??= setTimeout(() => signal(-this.pid), INSIST_MS).unref();
      return;
    }
    // In a process namespace all it started ends with it; elsewhere what left its group is found while it lives.
    const strays = this.#plan.wrapped || this.#exit !== undefined ? [] : descendantsOf(this.pid);
    for (const pid of [-this.pid, ...strays]) signal(pid);
  }

  #pipeEnded(): void {
    this.#openPipes -= 1;
    if (this.#openPipes === 0 && this.#exit !== undefined) this.#end(this.#exit);
  }

  /**
   * The process that waits for the child ends as the child did, except that unshare cannot do so for SIGKILL: it
   * fails while it prepares to, with these words and code 1.
   */
  #trueExit(exit: ProcessExit): ProcessExit {
    const failed =
      this.#plan.wrapped && exit.code === 1 && /unshare: sigprocmask unblock failed/.test(this.#lastWords);
    return failed ? { code: null, signal: "SIGKILL" } : exit;
  }

  #exited(exit: ProcessExit): void {
    if (this.#exit !== undefined) return;
    this.#exit = exit;
    // What it started in its group ends with it, and closes the pipes it may have inherited.
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
        // A small file left in the cache harms nothing.
      }
    }
  }
}

/** How long the process that waits for a child may take to end after it. */
const INSIST_MS = 2_000;

function signal(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It is gone already.
  }
}

/** Where memory runs out, the system is to end a child and not the server. Best effort, and Linux only. */
function preferAsVictim(pid: number): void {
  if (process.platform !== "linux") return;
  try {
    writeFileSync(`/proc/${pid}/oom_score_adj`, "1000");
  } catch {
    // It ended already, or the system does not allow it.
  }
}

/** `end` comes with the last byte, `close` also when the pipe broke: whichever is first. */
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
