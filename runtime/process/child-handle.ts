import type { Outcome } from "../../shared/protocol/outcome.ts";
import type { Limits } from "./limits.ts";

/** Options of one run. */
export interface RunOptions {
  /** Aborting kills the child; the outcome is `cancelled`. */
  readonly signal?: AbortSignal;
  /** Receives what author code prints, as it arrives. */
  readonly onLog?: (text: string, stream: "stdout" | "stderr") => void;
  /** Receives the values that the child sends with `progress`, in order. */
  readonly onProgress?: (value: unknown) => void;
}

/** A child process for one message. It ends after its outcome. */
export interface ChildHandle {
  readonly id: string;
  /** The process that runs the child's code, by its id outside any namespace. */
  readonly pid: number;
  /** The child's own output directory, which exists and is empty. After `run`, the caller removes it. */
  readonly outDir: string;
  /** Sends the message. Omitted limits have defaults. Never rejects; a second call is a bug and throws. */
  run(message: unknown, limits?: Partial<Limits>, options?: RunOptions): Promise<Outcome>;
  /** Kills an unused child and removes its directory. Does nothing after `run`. */
  release(): Promise<void>;
}

/** Pre-started one-shot children. */
export interface Pool {
  /**
   * Serves higher priorities first, equal ones in order. Rejects with `children-busy` when the queue is full,
   * `child-start-failed` when no child can be started, `invocation-cancelled` when the signal aborts first, and
   * `stopping` after close.
   */
  acquire(options?: { readonly priority?: number; readonly signal?: AbortSignal }): Promise<ChildHandle>;
  /** Starts children ahead of need, if that has not begun yet. */
  fill(): void;
  stats(): PoolStats;
  /** Kills every child, rejects waiting callers, and resolves when all children have ended. */
  close(): Promise<void>;
}

export interface PoolStats {
  readonly idle: number;
  readonly starting: number;
  readonly running: number;
  readonly waiting: number;
}

/** A warm process that answers many messages, one at a time. It is restarted when it dies and ended when idle. */
export interface ReusableChild {
  /**
   * Waits for its turn. A child that did anything but answer or throw is replaced before the next message. Rejects
   * only if no process can be asked: `children-busy`, `child-start-failed`, `stopping`.
   */
  run(message: unknown, limits?: Partial<Limits>, options?: RunOptions): Promise<Outcome>;
  close(): Promise<void>;
}
