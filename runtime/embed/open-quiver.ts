import { resolve } from "node:path";
import { createClient } from "../../shared/client/create-client.ts";
import type { Client } from "../../shared/client/client.ts";
import { openParts } from "../cli/open-parts.ts";
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
  /** What handlers print, as it comes; the console's error stream when left out. */
  readonly onLog?: (text: string) => void;
}

/** Functions and data, ready to be called: a client whose server is this process, or the one that serves the data. */
export interface Quiver extends Client, AsyncDisposable {
  /** `server` where a live server owns the data directory: calls go there, and its own functions answer. */
  readonly where: "server" | "here";
  /** Ends children and engines, and gives the data directory back. */
  close(): Promise<void>;
}

/**
 * Opens a data directory in this process, under its lock, or connects to the server that has it. Rejects with
 * `data-dir-missing` where there is none and `data-dir-in-use` while another process writes to it.
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
  // Joined: whoever closes it again waits for the same end.
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

/** Settings of a call, the environment's where it says nothing; paths as they are from here. */
export function settingsOf({ data, functions, settings = {} }: OpenOptions): Settings {
  const read = readSettings(
    {
      ...settings,
      ...(data === undefined ? {} : { data }),
      ...(functions === undefined ? {} : { functions }),
    },
    process.env,
  );
  return { ...read, data: resolve(read.data), functions: resolve(read.functions) };
}

function printed(text: string): void {
  // Not the stream itself: a notebook shows what goes through the console, and only that.
  console.error(text.endsWith("\n") ? text.slice(0, -1) : text);
}
