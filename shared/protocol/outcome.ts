import type { ErrorRecord } from "../errors/index.ts";

/** What is known about every child process that ended, whichever way. */
export interface OutcomeFacts {
  /** Time from sending the message to learning the end. */
  readonly durationMs: number;
  /** Peak private memory (anonymous and shared-anonymous pages); mapped input files do not count. */
  readonly peakMemoryBytes: number;
  /** The last part of what the child printed, stdout and stderr in order of arrival. */
  readonly logTail: string;
  /** Number of bytes the child printed; the tail may be shorter. */
  readonly logBytes: number;
}

/** The child answered. */
export interface OkOutcome<Reply = unknown> extends OutcomeFacts {
  readonly kind: "ok";
  readonly reply: Reply;
}

/** Code in the child threw, rejected, or failed from a timer. `error` is there when it was a QuiverError. */
export interface ThrewOutcome extends OutcomeFacts {
  readonly kind: "threw";
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly error?: ErrorRecord;
}

/** Killed because it took longer than its wall-time limit. */
export interface TimedOutOutcome extends OutcomeFacts {
  readonly kind: "timed-out";
  readonly limitMs: number;
}

/** Killed because the caller gave up. */
export interface CancelledOutcome extends OutcomeFacts {
  readonly kind: "cancelled";
  readonly reason: string;
}

/** Ran out of memory: by Quiver's limit, by the runtime's own heap limit, or by the system. */
export interface OutOfMemoryOutcome extends OutcomeFacts {
  readonly kind: "out-of-memory";
  readonly by: "limit" | "runtime" | "system";
  readonly limitBytes: number;
}

/** Ended by itself, or by a signal that Quiver did not send, before it answered. */
export interface ExitedOutcome extends OutcomeFacts {
  readonly kind: "exited";
  readonly code: number | null;
  readonly signal: string | null;
}

/** Violated the protocol: too much output or log, a malformed reply, a closed channel. */
export interface BrokeContractOutcome extends OutcomeFacts {
  readonly kind: "broke-contract";
  readonly reason: string;
}

/** How a child's work ended: exactly one of these, never an exception. */
export type Outcome<Reply = unknown> =
  | OkOutcome<Reply>
  | ThrewOutcome
  | TimedOutOutcome
  | CancelledOutcome
  | OutOfMemoryOutcome
  | ExitedOutcome
  | BrokeContractOutcome;
