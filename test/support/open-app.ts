import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Wired } from "../../runtime/wired.ts";
import type { Settings } from "../../runtime/settings.ts";
import { settingsWith } from "./settings-with.ts";
import { wire } from "../../runtime/wire.ts";
import { SOME_FUNCTIONS } from "./shipped-functions.ts";
import { DAILY_COLUMNS, dailyBarsSql, makeDataset } from "./make-dataset.ts";
import { sharedChildren } from "./shared-children.ts";

/** The real application over a data directory of its own, called as a function. */
export interface OpenedApp {
  readonly wired: Wired;
  readonly dataDir: string;
  readonly functionsDir: string;
  /** What handlers printed. */
  readonly printed: readonly string[];
  /** What the server logged. */
  readonly logged: readonly string[];
  get(path: string, headers?: Record<string, string>): Promise<Response>;
  post(path: string, json: unknown, headers?: Record<string, string>): Promise<Response>;
  send(path: string, init: RequestInit): Promise<Response>;
  close(): Promise<void>;
}

export interface OpenAppOptions {
  readonly settings?: Partial<Settings>;
  /** Source of `functions/<name>/index.ts` by name, beside the shipped functions. */
  readonly functions?: Readonly<Record<string, string>>;
  /** Symbols and days of the dataset `demo`; none is made when left out. */
  readonly bars?: { readonly symbolCount: number; readonly dayCount: number };
}

export async function openApp(options: OpenAppOptions = {}): Promise<OpenedApp> {
  const root = mkdtempSync(join(tmpdir(), "quiver-app-"));
  const dataDir = join(root, "data");
  const functionsDir = join(root, "functions");
  for (const name of SOME_FUNCTIONS) {
    const source = fileURLToPath(new URL(`../../functions/${name}`, import.meta.url));
    cpSync(source, join(functionsDir, name), { recursive: true });
  }
  for (const [name, source] of Object.entries(options.functions ?? {})) {
    mkdirSync(join(functionsDir, name), { recursive: true });
    writeFileSync(join(functionsDir, name, "index.ts"), source);
  }
  if (options.bars !== undefined) {
    await makeDataset({ dataDir, name: "demo", columns: DAILY_COLUMNS, files: [dailyBarsSql(options.bars)] });
  }
  const printed: string[] = [];
  const logged: string[] = [];
  const wired = wire({
    settings: settingsWith({
      data: dataDir,
      functions: functionsDir,
      childrenMax: 2,
      threads: 2,
      // Every call computes, and leaves nothing, unless a test is about results that are kept.
      resultBytes: 0,
      ...sharedChildren(),
      ...options.settings,
    }),
    holdsLock: true,
    version: "0.0.0-test",
    onAuthorOutput: (text) => printed.push(text),
    onLog: (text) => logged.push(text),
  });
  const send = (path: string, init: RequestInit) =>
    wired.app.fetch(new Request(new URL(path, "http://127.0.0.1"), init));
  return {
    wired,
    dataDir,
    functionsDir,
    printed,
    logged,
    send,
    get: (path, headers = {}) => send(path, { headers }),
    post: (path, json, headers = {}) =>
      send(path, {
        method: "POST",
        headers: { "Content-Type": "application/json", ...headers },
        body: JSON.stringify(json),
      }),
    async close() {
      await wired.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** Status, code and sentence of a refusal. */
export async function problemOf(response: Response): Promise<Record<string, unknown>> {
  const value: unknown = await response.json();
  if (typeof value !== "object" || value === null) throw new TypeError("a problem is an object");
  return { ...value, contentType: response.headers.get("Content-Type") };
}
