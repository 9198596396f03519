import type { Outcome } from "../../shared/protocol/outcome.ts";
import type { Limits } from "./limits.ts";

/** What a caller may add to one run. */
export interface RunOptions {
  /** Aborting kills the child; the outcome is `cancelled`. */
  readonly signal?: AbortSignal;
  /** Author output as it arrives. */
  readonly onLog?: (text: string, stream: "stdout" | "stderr") => void;
  /** Values the child sent with `progress`, in order. */
  readonly onProgress?: (value: unknown) => void;
}

/** One child process, handed out once: send it a message, get an outcome; it is gone afterwards. */
export interface ChildHandle {
  readonly id: string;
  /** The process that runs the child's code, as this process sees it. */
  readonly pid: number;
  /** The child's own output directory, existing and empty; the caller removes it when it is done with it. */
  readonly outDir: string;
  /** Runs once. A limit left out is the default. Never rejects; a second call is a bug and throws. */
  run(message: unknown, limits?: Partial<Limits>, options?: RunOptions): Promise<Outcome>;
  /** Gives an unused child back: it is killed and its directory removed. After `run` it does nothing. */
  release(): Promise<void>;
}

/** Pre-started one-shot children. */
export interface Pool {
  /**
   * Higher priority first, then first come. Throws `children-busy` when the queue is full, `child-start-failed` when
   * no child can be had, `invocation-cancelled` when the signal aborts first, `stopping` after close.
   */
  acquire(options?: { readonly priority?: number; readonly signal?: AbortSignal }): Promise<ChildHandle>;
  /** Starts children ahead of need, where that was not begun. */
  fill(): void;
  stats(): PoolStats;
  /** Kills every child, refuses who waits, resolves when all are gone. */
  close(): Promise<void>;
}

export interface PoolStats {
  readonly idle: number;
  readonly starting: number;
  readonly running: number;
  readonly waiting: number;
}

/** One warm process that answers many messages, one at a time; restarted when it dies, ended when idle. */
export interface ReusableChild {
  /**
   * Waits for its turn. A child that did anything but answer or throw is replaced before the next message. Rejects
   * only where there is no process to ask: `children-busy`, `child-start-failed`, `stopping`.
   */
  run(message: unknown, limits?: Partial<Limits>, options?: RunOptions): Promise<Outcome>;
  close(): Promise<void>;
}
