import { chmodSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { replaceDurablySync } from "./durable-files.ts";

/** `server.json`: how to reach the live server of a data directory. */
export interface ServerFile {
  readonly url: string;
  readonly pid: number;
  /** The id of this run of the server, as `/healthz` returns it. */
  readonly instance: string;
  /** Empty when the server requires none. Only the file's owner can read the file. */
  readonly token: string;
  /** The settings it works with, by name; absent in files of an older Quiver. */
  readonly settings?: Readonly<Record<string, unknown>>;
}

export function writeServerFile(dataDir: string, server: ServerFile): void {
  const path = serverFilePath(dataDir);
  replaceDurablySync(path, `${JSON.stringify(server, null, 2)}\n`);
  chmodSync(path, 0o600);
}

/** Removes the file if it is still this server's. */
export function removeServerFile(dataDir: string, instance: string): void {
  if (readServerFile(dataDir)?.instance === instance) rmSync(serverFilePath(dataDir), { force: true });
}

export function readServerFile(dataDir: string): ServerFile | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(serverFilePath(dataDir), "utf8"));
    return isServerFile(value) ? value : undefined;
  } catch {
    // Without a readable file there is no server.
    return undefined;
  }
}

/** The live server of a data directory. A killed server leaves its file, so the server must answer with the same id. */
export async function findLiveServer(dataDir: string, timeoutMs = 2000): Promise<ServerFile | undefined> {
  const server = readServerFile(dataDir);
  if (server === undefined) return undefined;
  try {
    const response = await fetch(`${server.url}/healthz`, { signal: AbortSignal.timeout(timeoutMs) });
    const health: unknown = await response.json();
    const isSame = typeof health === "object" && health !== null && "instance" in health;
    return isSame && health.instance === server.instance ? server : undefined;
  } catch {
    // The server no longer listens.
    return undefined;
  }
}

function serverFilePath(dataDir: string): string {
  return join(dataDir, "server.json");
}

function isServerFile(value: unknown): value is ServerFile {
  return (
    typeof value === "object" &&
    value !== null &&
    ["url", "instance", "token"].every((key) => typeof Reflect.get(value, key) === "string") &&
    typeof Reflect.get(value, "pid") === "number" &&
    (!("settings" in value) || (typeof value.settings === "object" && value.settings !== null))
  );
}
