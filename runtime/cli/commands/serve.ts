import { setTimeout as sleep } from "node:timers/promises";
import { errorCodeOf, QuiverError } from "../../../shared/errors/index.ts";
import type { App } from "../../app.ts";
import type { Catalog } from "../../catalog/catalog.ts";
import { runtimeFacts } from "../../platform/runtime-facts.ts";
import { type FetchHandler, type HttpServer, serveHttp } from "../../platform/serve-http.ts";
import { assertGuarded } from "../../routes/access.ts";
import type { Settings } from "../../settings.ts";
import { lockDataDir } from "../../store/data-lock.ts";
import { findLiveServer, removeServerFile, writeServerFile } from "../../store/server-file.ts";
import type { CommandContext } from "../context.ts";
import { comparedSettings } from "../ignored-settings.ts";
import { missingFunctions, noFunctionsText } from "../no-functions.ts";

const WATCH_MS = 500;
const FLUSH_MS = 1000;

export interface ServeOptions {
  /** Run the schedule; in `dev`, only with this. */
  readonly withSchedule?: boolean;
}

/** `quiver start` and `quiver dev`: serves until it is stopped, then lets running requests finish. */
export async function serveCommand(
  context: CommandContext,
  mode: "start" | "dev",
  options: ServeOptions = {},
): Promise<void> {
  const { settings } = context;
  assertGuarded(settings);
  const app = Promise.withResolvers<App>();
  // Listens first: if the port is taken, nothing has been created or locked. Early requests wait for the app.
  const server = await listen(settings, async (request) => (await app.promise).fetch(request));
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= stopListening(server));
  try {
    const lock = await lockDataDir(settings.data, mode, settings.lockWaitMs);
    try {
      await serve(context, { mode, ...options, port: server.port }, app.resolve, stop);
    } finally {
      lock.release();
    }
  } finally {
    await stop();
  }
}

async function serve(
  context: CommandContext,
  { mode, port, withSchedule = mode === "start" }: ServeOptions & { mode: "start" | "dev"; port: number },
  open: (app: App) => void,
  stop: () => Promise<void>,
): Promise<void> {
  const { settings, terminal, signal } = context;
  const wired = await context.wire({
    settings,
    holdsLock: true,
    onAuthorOutput: (text) => {
      if (mode === "dev") terminal.err(text);
    },
    onLog: (text) => terminal.err(text),
  });
  const { lifecycle, jobs, schedule, instance, catalog, version } = wired.services;
  try {
    // Throws if the schedule is wrong, before anything is started.
    if (withSchedule) await schedule.view();
    await wired.warm();
    open(wired.app);
    const url = `http://${settings.host.includes(":") ? `[${settings.host}]` : settings.host}:${port}`;
    jobs.start();
    if (withSchedule) await schedule.start();
    const { token } = settings;
    const compared = comparedSettings(settings);
    writeServerFile(settings.data, { url, pid: process.pid, instance, token, settings: compared });
    const { name, version: runtimeVersion } = runtimeFacts();
    // Only a warning: functions may be added while the server runs.
    if (missingFunctions(settings.functions) !== undefined) {
      terminal.err(`${noFunctionsText("here", context)}\n`);
    }
    announce(context, { url, version, runtime: `${name} ${runtimeVersion}`, mode });
    const telling = mode === "dev" ? watch(catalog, context) : tellBroken(catalog, context);
    await Promise.race([untilAborted(signal), telling]);
    if (!context.json) terminal.err(stoppingText(jobs.runningCount));
    removeServerFile(settings.data, instance);
    schedule.stop();
    // Jobs continue at the next start, so stopping does not wait for them to finish.
    const jobsStopped = Promise.race([jobs.stop(), sleep(settings.stopGraceMs, undefined, { ref: false })]);
    await Promise.all([lifecycle.stop(settings.stopGraceMs), jobsStopped]);
  } finally {
    removeServerFile(settings.data, instance);
    await stop();
    await wired.close();
  }
}

/** Listens on the port. If a server of the same data directory has it, the refusal says so. */
async function listen(settings: Settings, handler: FetchHandler): Promise<HttpServer> {
  const { host, port, data } = settings;
  try {
    return serveHttp(handler, { hostname: host, port });
  } catch (error) {
    const live = errorCodeOf(error) === "port-in-use" ? await findLiveServer(data) : undefined;
    if (live === undefined || !live.url.endsWith(`:${port}`)) throw error;
    throw new QuiverError(
      "port-in-use",
      `Cannot start another server on port ${port}: process ${live.pid} already serves the data directory ${data} on ${live.url}. Use that server or stop it, or choose another port and directory with --port and --data.`,
      { hostname: host, port, url: live.url, pid: live.pid },
      error,
    );
  }
}

function stoppingText(jobCount: number): string {
  const jobs =
    jobCount === 0
      ? ""
      : `; ${jobCount === 1 ? "one job continues" : `${jobCount} jobs continue`} at the next start`;
  return `Stopping: refusing new requests, finishing running ones${jobs}.\n`;
}

function announce(
  { settings, terminal, json }: CommandContext,
  facts: { readonly url: string; readonly version: string; readonly runtime: string; readonly mode: string },
): void {
  if (json) {
    terminal.out(`${JSON.stringify({ ...facts, pid: process.pid, data: settings.data })}\n`);
    return;
  }
  terminal.out(
    `Quiver ${facts.version} on ${facts.url} (${facts.runtime}, data in ${settings.data}, docs at ${facts.url}/docs)\n`,
  );
  if (facts.mode === "dev") {
    terminal.out(`Watching ${settings.functions}: an edit is live on the next call. Ctrl-C stops.\n`);
  }
}

/** Lets the last bytes leave, then closes idle connections, which would keep the listener open forever. */
async function stopListening(server: HttpServer): Promise<void> {
  const stopped = server.stop().then(() => true);
  if (!(await Promise.race([stopped, sleep(FLUSH_MS, false)]))) await server.stop(true);
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => {
      resolve();
    });
  });
}

/** Prints once which functions are broken. Never settles, because the server runs on. */
async function tellBroken(catalog: Catalog, { terminal, signal }: CommandContext): Promise<never> {
  const now = await snapshot(catalog);
  // In a server that is being stopped, no function can be described; that does not make them broken.
  if (!signal.aborted) for (const line of changes(undefined, now)) terminal.err(`${line}\n`);
  return new Promise(() => {});
}

/** Prints which functions were changed, added, removed or broken. Compares code, so edits of imported files count. */
async function watch(catalog: Catalog, { terminal, signal }: CommandContext): Promise<void> {
  let known: Map<string, string> | undefined;
  while (!signal.aborted) {
    const now = await snapshot(catalog);
    for (const line of changes(known, now)) terminal.err(`${line}\n`);
    known = now;
    await sleep(WATCH_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function snapshot(catalog: Catalog): Promise<Map<string, string>> {
  const { functions, broken } = await catalog.list();
  return new Map([
    ...functions.map(({ name, codeFingerprint }) => [name, codeFingerprint] as const),
    ...broken.map(({ name, error }) => [name, `! ${error.message}`] as const),
  ]);
}

/** One line per difference; at first, only the broken functions. */
export function changes(
  before: ReadonlyMap<string, string> | undefined,
  now: ReadonlyMap<string, string>,
): string[] {
  const lines: string[] = [];
  for (const [name, state] of now) {
    if (before?.get(name) === state) continue;
    if (state.startsWith("! ")) lines.push(`${name}: ${state.slice(2)}`);
    else if (before !== undefined)
      lines.push(`${name}: ${before.has(name) ? "changed" : "new"}, live on the next call`);
  }
  for (const name of before?.keys() ?? []) if (!now.has(name)) lines.push(`${name}: removed`);
  return lines;
}
