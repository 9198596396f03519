import type { ErrorRecord } from "../errors/index.ts";

/** The first line a child reads: its identity and resources. Lines are JSON on stdin. */
export interface ChildInit {
  /** Every line of the child carries the nonce; anything else on its channel was written by author code. */
  readonly nonce: string;
  readonly outDir: string;
  /** Readable until privileges are dropped. */
  readonly readDirs: readonly string[];
}

/** Every later line a child reads: its message, or the request to rehearse with a small run while it waits for one. */
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
      /** True if nobody awaited the failure: the process may be in any state and must not be used again. */
      readonly uncaught: boolean;
    }
  | { readonly type: "broke-contract"; readonly reason: string };

/** A description of anything that was thrown. */
export interface ThrownRecord {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
  readonly error?: ErrorRecord;
}

/** The file descriptor of a child's channel to its parent. */
export const CONTROL_FD = 3;

/** The exit code of a child that could not write to its channel, and so has no other way to report it. */
export const CHANNEL_LOST_EXIT_CODE = 113;

/** Printed to stdout and stderr before a reply: everything printed before it belongs to that reply. */
export function endOfLog(nonce: string): string {
  return `\0end of log ${nonce}\n`;
}
