import { createFileMapper, type FileMapper } from "../platform/map-file.ts";
import { dropPrivileges } from "../platform/drop-privileges.ts";
import { provideModules, type ProvidedModules } from "../platform/provide-modules.ts";
import type { ChildInit, ChildReport, ChildRequest } from "../../shared/protocol/control.ts";
import type { ChildContext, MessageHandler } from "./child-context.ts";
import { openControlLines, type ControlLines } from "./control-lines.ts";
import { describeThrown } from "./describe-thrown.ts";

/**
 * The life of a child: read who it is, load what author code imports, say `ready`, block until a message comes,
 * handle it, answer; once if one-shot, else again. It ends when its parent does: stdin is closed then.
 */
export async function startChild(
  handle: MessageHandler,
  modules: ProvidedModules,
  rehearse?: Rehearse,
): Promise<void> {
  const lines = openControlLines();
  const init = lines.read();
  if (!isInit(init)) process.exit(1);
  const send = (report: ChildReport) => lines.send(init.nonce, report);
  reportUncaught(send);
  await provideModules(modules);
  // Before it is ready: whatever takes time is done while nobody waits.
  const mapper = createFileMapper({ unmap: false });
  const child = childContext(init, mapper, send);
  send({ type: "ready" });
  const rehearseOnce = async () => {
    const own = { outDir: init.outDir, mapFile: mapper.mapFile.bind(mapper) };
    try {
      for (const name of Object.keys(modules)) await import(name);
      await rehearse?.(handle, own);
    } catch {
      // The disk may be full, for one: what the message asks for will tell, or does not need what failed here.
    }
  };
  await answerMessages(lines, send, handle, child, init, rehearseOnce);
}

/** Does once, while nobody waits, what a message will ask for. */
export type Rehearse = (
  handle: MessageHandler,
  own: Pick<ChildContext, "outDir" | "mapFile">,
) => Promise<void>;

async function answerMessages(
  lines: ControlLines,
  send: (report: ChildReport) => void,
  handle: MessageHandler,
  child: ChildContext,
  init: ChildInit,
  rehearse: () => Promise<void>,
): Promise<void> {
  for (;;) {
    const request = lines.read();
    if (!isRequest(request)) process.exit(0);
    if ("rehearse" in request) {
      await rehearse();
      continue;
    }
    const report = await answer(handle, request.message, child);
    lines.endLog(init.nonce);
    try {
      send(report);
    } catch (thrown) {
      send({
        type: "broke-contract",
        reason: `its reply cannot be written as JSON: ${describeThrown(thrown).message}`,
      });
    }
    // A one-shot child blocks here once more, until its parent kills it.
  }
}

/** JSON has no undefined; a handler that returns nothing replies null. */
async function answer(handle: MessageHandler, message: unknown, child: ChildContext): Promise<ChildReport> {
  try {
    const reply = await handle(message, child);
    return { type: "reply", reply: reply === undefined ? null : reply };
  } catch (thrown) {
    return { type: "threw", thrown: describeThrown(thrown), uncaught: false };
  }
}

/** Privileges are held here and in no module state: author code can import every module, but reach no closure. */
function childContext(
  init: ChildInit,
  mapper: FileMapper,
  send: (report: ChildReport) => void,
): ChildContext {
  const mapped = new Map<string, Uint8Array>();
  let dropped = false;
  let keepsMapping = false;
  const drop = (keepMapping: boolean) => {
    if (dropped) return;
    dropped = true;
    keepsMapping = keepMapping;
    if (!keepMapping) mapper.close();
    dropPrivileges({ readPaths: init.readDirs });
  };
  // A process that serves call after call maps a file once: nobody but it ever has the mapping itself.
  const mapAgain = (path: string) => {
    const known = mapped.get(path);
    if (known !== undefined) return known;
    if (mapped.size >= MAPPED_MAX) mapped.clear();
    const bytes = mapper.mapFile(path);
    mapped.set(path, bytes);
    return bytes;
  };
  return {
    outDir: init.outDir,
    mapFile(path, window) {
      for (let i = 0; i < init.readDirs.length; i++) {
        if (!liesIn(init.readDirs[i]!, path)) continue;
        if (keepsMapping && window === undefined) return mapAgain(path);
        const bytes = mapper.mapFile(path, window);
        if (window === undefined) mapped.set(path, bytes);
        return bytes;
      }
      throw new Error(`Cannot map ${path}: it lies in no directory that this process was given.`);
    },
    dropPrivileges: ({ keepMapping } = { keepMapping: false }) => drop(keepMapping),
    setEnvironment,
    async importAuthorModule(path) {
      drop(false);
      const module: unknown = await import(fileUrl(path));
      if (typeof module !== "object" || module === null) throw new Error(`Cannot import ${path}: no module.`);
      return { ...module };
    },
    progress: (value) => send({ type: "progress", value }),
  };
}

/** Files a process that serves call after call has at hand at most. */
const MAPPED_MAX = 256;

/**
 * In place of the object that reads the process's own environment, so that nothing has to be set, and nothing else can
 * be seen. The value is the same whichever runtime: on Deno the real one needs a permission that is gone.
 */
function setEnvironment(values: Readonly<Record<string, string>>): void {
  Object.defineProperty(process, "env", {
    value: { ...values },
    writable: true,
    enumerable: true,
    configurable: true,
  });
}

/**
 * Whether a path lies in a directory. Compared character by character: mapping goes round Deno's permissions, and in a
 * process that is used again author code may have replaced every method of a string.
 */
function liesIn(dir: string, path: string): boolean {
  for (let i = 0; i < dir.length; i++) if (path[i] !== dir[i]) return false;
  for (let i = dir.length; i < path.length - 1; i++) if (path[i] === "." && path[i + 1] === ".") return false;
  return path[dir.length] === "/";
}

/** What nobody awaited: a throw from a timer, a rejection without a handler, a promise that can never settle. */
function reportUncaught(send: (report: ChildReport) => void): void {
  const uncaught = (thrown: unknown) =>
    send({ type: "threw", thrown: describeThrown(thrown), uncaught: true });
  process.on("uncaughtException", uncaught);
  process.on("unhandledRejection", uncaught);
  process.once("beforeExit", () =>
    send({
      type: "broke-contract",
      reason: "its handler never settled, and nothing was left that could settle it",
    }),
  );
}

/** As `pathToFileURL` of `node:url`, which takes a millisecond of a child's start to load. */
function fileUrl(path: string): string {
  return `file://${path.split("/").map(encodeURIComponent).join("/")}`;
}

function isInit(value: unknown): value is ChildInit {
  return typeof value === "object" && value !== null && "nonce" in value && "outDir" in value;
}

function isRequest(value: unknown): value is ChildRequest {
  return typeof value === "object" && value !== null && ("message" in value || "rehearse" in value);
}
