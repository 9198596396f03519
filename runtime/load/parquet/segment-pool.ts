import { Worker } from "node:worker_threads";
import type { WrittenPart } from "../fill/part-writer.ts";
import { UnreadablePage } from "./read-pages.ts";
import type { Segment } from "./fill-segment.ts";

/** A thread's reply to a segment. */
export type SegmentReply =
  | { readonly parts: readonly WrittenPart[] }
  | { readonly error: { readonly message: string; readonly name: string; readonly code?: string } };

/** Threads that fill segments: decompression is most of a load's work and too much for one thread. */
export interface SegmentPool {
  /** Segments are started in the given order. One that is aborted before it starts never runs. */
  fill(segment: Segment, signal: AbortSignal): Promise<readonly WrittenPart[]>;
  close(): Promise<void>;
}

interface Job {
  readonly segment: Segment;
  readonly signal: AbortSignal;
  readonly resolve: (parts: readonly WrittenPart[]) => void;
  readonly reject: (error: unknown) => void;
}

/** Creates the pool and starts its threads at once, so that the first load need not wait for them. */
export function createSegmentPool(threadCount: number): SegmentPool {
  const waiting: Job[] = [];
  const idle: Worker[] = [];
  const workers = new Set<Worker>();
  let isClosed = false;

  function start(): void {
    const worker = new Worker(new URL("./segment-worker.ts", import.meta.url));
    // The process ends with its parent; its threads must not keep it alive.
    worker.unref();
    workers.add(worker);
    worker.once("exit", () => {
      workers.delete(worker);
      const at = idle.indexOf(worker);
      if (at >= 0) idle.splice(at, 1);
      if (!isClosed) start();
    });
    idle.push(worker);
    next();
  }

  function next(): void {
    while (idle.length > 0) {
      const job = waiting.shift();
      if (job === undefined) return;
      if (job.signal.aborted) job.reject(job.signal.reason);
      else run(idle.shift()!, job);
    }
  }

  function run(worker: Worker, { segment, resolve, reject }: Job): void {
    const settle = (settled: () => void, isAlive: boolean) => {
      worker.off("message", onMessage);
      worker.off("error", onError);
      worker.off("exit", onExit);
      if (isAlive) idle.push(worker);
      settled();
      next();
    };
    const onMessage = (reply: SegmentReply) =>
      settle(() => ("parts" in reply ? resolve(reply.parts) : reject(toError(reply.error))), true);
    // An uncaught error ends the thread; `exit` follows and starts another.
    const onError = (error: unknown) => settle(() => reject(error), false);
    const onExit = () =>
      settle(() => reject(new Error("A thread of the engine ended while it worked")), false);
    worker.on("exit", onExit);
    worker.on("message", onMessage);
    worker.on("error", onError);
    worker.postMessage(segment);
  }

  for (let i = 0; i < threadCount; i++) start();
  return {
    fill: (segment, signal) =>
      new Promise((resolve, reject) => {
        waiting.push({ segment, signal, resolve, reject });
        next();
      }),
    async close() {
      isClosed = true;
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}

/** Errors cross threads as plain data; whatever later code distinguishes is preserved. */
function toError({ message, name, code }: Extract<SegmentReply, { error: unknown }>["error"]): Error {
  if (name === "UnreadablePage") return new UnreadablePage(message);
  const error = name === "RangeError" ? new RangeError(message) : new Error(message);
  return code === undefined ? error : Object.assign(error, { code });
}
