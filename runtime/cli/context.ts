import type { Settings } from "../settings.ts";
import type { Wire } from "../wired.ts";
import type { Terminal } from "./terminal.ts";

/** What every command receives. */
export interface CommandContext {
  readonly settings: Settings;
  /** The flags as they were typed, by name. */
  readonly flags?: Readonly<Record<string, unknown>>;
  readonly terminal: Terminal;
  /** Machine-readable output. */
  readonly json: boolean;
  /** Aborted by Ctrl-C or SIGTERM. */
  readonly signal: AbortSignal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly wire: Wire;
}
