import type { App } from "../app.ts";
import type { Services } from "../routes/services.ts";
import type { Settings } from "../settings.ts";
import type { Terminal } from "./terminal.ts";

/** The wired parts of one process. */
export interface Wired {
  readonly app: App;
  readonly services: Services;
  /** Starts what functions need now instead of with the first request. */
  warm(): Promise<void>;
  /** Ends children and engines; the data directory is at rest afterwards. */
  close(): Promise<void>;
}

export interface WireOptions {
  readonly settings: Settings;
  /** Whether this process alone may write to the data directory. */
  readonly holdsLock: boolean;
  /** What an author's handler prints, as it comes. */
  readonly onAuthorOutput: (text: string) => void;
  /** What engines and the server report. */
  readonly onLog: (text: string) => void;
}

/** Makes the real parts; nothing is started before it is needed. */
export type Wire = (options: WireOptions) => Wired | Promise<Wired>;

/** Everything a command is given. */
export interface CommandContext {
  readonly settings: Settings;
  readonly terminal: Terminal;
  /** Machine-readable output. */
  readonly json: boolean;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly wire: Wire;
}
