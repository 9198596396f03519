import { createFileMapper, type FileMapper } from "../platform/map-file.ts";
import { dropPrivileges } from "../platform/drop-privileges.ts";
import { provideModules, type ProvidedModules } from "../platform/provide-modules.ts";
import type { ChildInit, ChildReport, ChildRequest } from "../../shared/protocol/control.ts";
import type { ChildContext, MessageHandler } from "./child-context.ts";
import { openControlLines, type ControlLines } from "./control-lines.ts";
import { describeThrown } from "./describe-thrown.ts";

/**
 * The life of a child: read its identity, load what author code imports, report `ready`, block until a message
 * arrives, handle it, answer. A one-shot child does this once, others repeat it. It ends with its parent, because
 * stdin is then closed.
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
  // Done before reporting `ready`, while nobody is waiting.
  const mapper = createFileMapper({ unmap: false });
  const child = childContext(init, mapper, send);
  send({ type: "ready" });
  const rehearseOnce = async () => {
    const own = { outDir: init.outDir, mapFile: mapper.mapFile.bind(mapper) };
    try {
      for (const name of Object.keys(modules)) await import(name);
      await rehearse?.(handle, own);
    } catch {
      // For example, the disk is full. The real message will report that, or does not need what failed here.
    }
  };
  await answerMessages(lines, send, handle, child, init, rehearseOnce);
}

/** Runs once, while nobody is waiting, what a message will need. */
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
    // A one-shot child blocks here again until its parent kills it.
  }
}

/** JSON has no undefined, so a handler that returns nothing replies null. */
async function answer(handle: MessageHandler, message: unknown, child: ChildContext): Promise<ChildReport> {
  try {
    const reply = await handle(message, child);
    return { type: "reply", reply: reply === undefined ? null : reply };
  } catch (thrown) {
    return { type: "threw", thrown: describeThrown(thrown), uncaught: false };
  }
}

/**
 * Privileges live in this closure and not in module state: author code can import any module, but cannot reach a
 * closure.
 */
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
  // A process that serves repeated calls maps each file once: nobody else ever holds the mapping itself.
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
      throw new Error(`Cannot map ${path}: it is in none of this process's directories.`);
    },
    dropPrivileges: ({ keepMapping } = { keepMapping: false }) => drop(keepMapping),
    setEnvironment,
    async importAuthorModule(path) {
      drop(false);
      const module: unknown = await import(fileUrl(path));
      if (typeof module !== "object" || module === null)
        throw new Error(`Cannot import ${path}: it is not a module.`);
      return { ...module };
    },
    progress: (value) => send({ type: "progress", value }),
  };
}

/** The number of mapped files that a process serving repeated calls keeps. */
const MAPPED_MAX = 256;

/**
 * Replaces the object that reads the process's own environment, so that nothing has to be set and nothing else is
 * visible. The value is the same on every runtime: on Deno the original needs a permission that has been revoked.
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
 * Whether a path lies in a directory. It compares character by character: mapping bypasses Deno's permissions, and in
 * a reused process author code may have replaced any string method.
 */
function liesIn(dir: string, path: string): boolean {
  for (let i = 0; i < dir.length; i++) if (path[i] !== dir[i]) return false;
  for (let i = dir.length; i < path.length - 1; i++) if (path[i] === "." && path[i + 1] === ".") return false;
  return path[dir.length] === "/";
}

/**
 * Reports failures that nobody awaited: a throw from a timer, a rejection without a handler, a promise that can never
 * settle.
 */
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

/** Like `pathToFileURL` of `node:url`, which would add a millisecond to a child's start. */
function fileUrl(path: string): string {
  return `file://${path.split("/").map(encodeURIComponent).join("/")}`;
}

function isInit(value: unknown): value is ChildInit {
  return typeof value === "object" && value !== null && "nonce" in value && "outDir" in value;
}

function isRequest(value: unknown): value is ChildRequest {
  return typeof value === "object" && value !== null && ("message" in value || "rehearse" in value);
}
