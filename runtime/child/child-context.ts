/** What a child's message handler receives: the privileged part of the child, which ends before author code runs. */
export interface ChildContext {
  /** This child's own new directory, the only one it may write to. */
  readonly outDir: string;
  /**
   * Maps a file from one of the child's directories; effectively read-only (private, copy on write). It throws once
   * privileges are dropped, unless mapping was kept. An empty file gives an empty array.
   */
  mapFile(path: string, window?: { readonly offset?: number; readonly byteLength?: number }): Uint8Array;
  /**
   * Revokes everything that author code must not have. Idempotent. `keepMapping` is for a process that serves one
   * function repeatedly: it can still map files of its directories, and on Deno author code can read them too.
   */
  dropPrivileges(options?: { readonly keepMapping: boolean }): void;
  /** Sets what author code sees as `process.env`, instead of the environment the process was started with. */
  setEnvironment(values: Readonly<Record<string, string>>): void;
  /** Drops privileges, then imports an author's bundled module by absolute path. */
  importAuthorModule(path: string): Promise<Readonly<Record<string, unknown>>>;
  /** Sends a plain value to the caller's `onProgress`. */
  progress(value: unknown): void;
}

/** Handles one message: plain JSON in, plain JSON out. */
export type MessageHandler = (message: unknown, child: ChildContext) => Promise<unknown>;
