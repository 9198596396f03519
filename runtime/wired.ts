import type { App } from "./app.ts";
import type { Services } from "./routes/services.ts";
import type { Settings } from "./settings.ts";

/** The parts of Quiver in one process, put together. */
export interface Wired {
  readonly app: App;
  readonly services: Services;
  /** Starts now what functions need, instead of with the first request. */
  warm(): Promise<void>;
  /** Ends children and engines. Nothing touches the data directory afterwards. */
  close(): Promise<void>;
}

export interface WireOptions {
  readonly settings: Settings;
  /** Whether this process alone may write to the data directory. */
  readonly holdsLock: boolean;
  /** Receives what an author's handler prints, as it comes. */
  readonly onAuthorOutput: (text: string) => void;
  /** Receives what engines and the server report. */
  readonly onLog: (text: string) => void;
}

/** Puts the real parts together. Other processes start only when something needs them. */
export type Wire = (options: WireOptions) => Wired | Promise<Wired>;
