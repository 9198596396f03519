import type { ErrorRecord } from "../errors/index.ts";

/** First line a child reads: what it is and what it has. Lines are JSON on stdin. */
export interface ChildInit {
  /** Every line of the child carries it: what else arrives on its channel was written by author code. */
  readonly nonce: string;
  readonly outDir: string;
  /** Readable until privileges are dropped. */
  readonly readDirs: readonly string[];
}

/** Every later line a child reads: its message, or the word to go through a small run while it waits for one. */
export type ChildRequest = { readonly message: unknown } | { readonly rehearse: true };

/** A line a child writes, as JSON on file descriptor 3, and only there. */
export type ChildLine = { readonly nonce: string } & ChildReport;

export type ChildReport =
  | { readonly type: "ready" }
  | { readonly type: "progress"; readonly value: unknown }
  | { readonly type: "reply"; readonly reply: unknown }
  | {
      readonly type: "threw";
      readonly thrown: ThrownRecord;
      /** Nobody awaited it: the process may be in any state and must not be used again. */
      readonly uncaught: boolean;
    }
  | { readonly type: "broke-contract"; readonly reason: string };

/** Anything that was thrown, in words. */
export interface ThrownRecord {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly error?: ErrorRecord;
}

/** The file descriptor of a child's channel to its parent. */
export const CONTROL_FD = 3;

/** How a child ends that could not write to its channel: the number says so, since nothing else can. */
export const CHANNEL_LOST_EXIT_CODE = 113;

/** Printed to stdout and to stderr before an answer: what was printed before it belongs to that answer. */
export function endOfLog(nonce: string): string {
  return `\0end of log ${nonce}\n`;
}
