import { resolve } from "node:path";
import { defined } from "../../shared/defined.ts";
import { createClient } from "../../shared/client/create-client.ts";
import type { Client } from "../../shared/client/client.ts";
import { openParts } from "../open-parts.ts";
import { packageVersion } from "../package-version.ts";
import { readSettings, type Settings } from "../settings.ts";
import { findLiveServer } from "../store/server-file.ts";
import { wire } from "../wire.ts";
import { invokeHere } from "./invoke-here.ts";

export interface OpenOptions {
  /** The data directory; `QUIVER_DATA` or `data` when left out. */
  readonly data?: string;
  /** The directory of functions; `QUIVER_FUNCTIONS` or `functions` when left out. */
  readonly functions?: string;
  /** Any other setting, for example `{ threads: 1 }`. */
  readonly settings?: Partial<Settings>;
  /** Receives what handlers print, as they print it; the console's error stream when left out. */
  readonly onLog?: (text: string) => void;
}

/** Functions and data, ready to use: a client whose server is this process, or the live server that owns the data. */
export interface Quiver extends Client, AsyncDisposable {
  /** `server` if a live server owns the data directory; calls then go to that server and use its functions. */
  readonly where: "server" | "here";
  /** Ends children and engines, and releases the data directory. */
  close(): Promise<void>;
}

/**
 * Opens a data directory in this process, under its lock, or connects to the server that owns it. Rejects with
 * `data-dir-missing` if it does not exist and with `data-dir-in-use` while another process writes to it.
 */
export async function open(options: OpenOptions = {}): Promise<Quiver> {
  const settings = settingsOf(options);
  const server = await findLiveServer(settings.data);
  if (server !== undefined) {
    const close = () => Promise.resolve();
    return { ...createClient(server), where: "server", close, [Symbol.asyncDispose]: close };
  }
  const { onLog = printed } = options;
  const { wired, close } = await openParts({
    settings,
    command: "in a script",
    access: "write",
    wire: (given) => wire({ ...given, version: packageVersion() }),
    onAuthorOutput: onLog,
    onLog,
    dataOption: "`data`",
  });
  // Joined, so that closing again waits for the same end.
  let closing: Promise<void> | undefined;
  const closeOnce = () => (closing ??= close());
  return {
    ...createClient({ url: "http://127.0.0.1", fetch: (request) => wired.app.fetch(request) }),
    invoke: (name, request = {}, given = {}) => invokeHere(wired.services, name, request, given),
    where: "here",
    close: closeOnce,
    [Symbol.asyncDispose]: closeOnce,
  };
}

/** The settings of a call, completed from the environment; paths are resolved against the current directory. */
export function settingsOf({ data, functions, settings = {} }: OpenOptions): Settings {
  const read = readSettings(
    {
      ...settings,
      ...defined({ data, functions }),
    },
    process.env,
  );
  return { ...read, data: resolve(read.data), functions: resolve(read.functions) };
}

function printed(text: string): void {
  // Not written to the stream directly, because a notebook shows only console output.
  console.error(text.endsWith("\n") ? text.slice(0, -1) : text);
}
