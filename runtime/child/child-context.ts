/** What a child's message handler is given: the privileged part of the child, which ends before author code. */
export interface ChildContext {
  /** This child's own fresh directory, the only one it may write to. */
  readonly outDir: string;
  /**
   * Maps a file of the directories it was given, read-only in effect (private, copy on write). Only before privileges
   * are dropped, unless mapping was kept: afterwards it throws. An empty file is an empty array.
   */
  mapFile(path: string, window?: { readonly offset?: number; readonly byteLength?: number }): Uint8Array;
  /**
   * Gives up everything that author code must not have. Idempotent. `keepMapping` is for a process that serves one
   * function again and again: it goes on mapping files of its directories, and on Deno author code can read them too.
   */
  dropPrivileges(options?: { readonly keepMapping: boolean }): void;
  /** What author code sees as `process.env`, instead of what the process was started with. */
  setEnvironment(values: Readonly<Record<string, string>>): void;
  /** Drops privileges, then imports an author's bundled module by absolute path. */
  importAuthorModule(path: string): Promise<Readonly<Record<string, unknown>>>;
  /** Sends a plain value to `onProgress` of the caller. */
  progress(value: unknown): void;
}

/** What a child does with a message: plain JSON in, plain JSON out. */
export type MessageHandler = (message: unknown, child: ChildContext) => Promise<unknown>;
