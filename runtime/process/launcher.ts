import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { createHash } from "node:crypto";
import { messageOf } from "../../shared/errors/index.ts";
import { executablePath } from "../platform/executable-path.ts";
import { findNamespaceTools } from "../platform/namespaces.ts";
import type { BuiltChild } from "./build-child.ts";
import type { ChildProcess } from "./child-process.ts";
import type { ChildAccess } from "./plan-launch.ts";
import { startReaper, type Reaper } from "./reaper.ts";
import type { Sandbox } from "./sandbox/sandbox.ts";
import { sandboxesOf } from "./sandbox/sandboxes-of.ts";
import { discardChild, startChild } from "./start-child.ts";

/** How a child is isolated; `quiver doctor` prints it. */
export interface Isolation {
  /** What isolates author code from the machine. */
  readonly by: "namespaces" | "permissions" | "process";
  /** Whether author code can reach the network. */
  readonly network: "unreachable" | "reachable";
  /** Which files author code can read and write. */
  readonly files: "own-only" | "all-of-the-user";
  /** Whether everything that a child starts is certain to end with it. */
  readonly descendants: "all-killed" | "group-killed" | "none-can-start";
  /** Why there is no stronger isolation; empty if there is none stronger. */
  readonly why: string;
}

export interface LauncherOptions {
  readonly built: BuiltChild;
  /** The folder of mount points is made here. */
  readonly cacheDir: string;
  /** Every child gets a fresh directory in this folder. */
  readonly outRoot: string;
  readonly access: ChildAccess;
  /** How namespaces are entered on Bun; `auto` tries every way, and starts children without namespaces if all fail. */
  readonly namespaces?: "auto" | "none" | Sandbox["by"];
}

/** Everything needed to start children, decided once and shared by the pool and reusable children. */
export interface Launcher {
  readonly built: BuiltChild;
  readonly outRoot: string;
  readonly access: ChildAccess;
  readonly sandbox: Sandbox | null;
  readonly isolation: Isolation;
  readonly reaper: Reaper;
  nextId(): string;
  onSpawn(child: ChildProcess): void;
  /** How many children it has started. */
  startedCount(): number;
  /** The processes of its children that have not ended. */
  livePids(): readonly number[];
  /** Kills all its children and waits for their end. */
  close(): Promise<void>;
}

/** Makes a launcher. It starts a trial child to find out whether namespaces work. */
export async function createLauncher(options: LauncherOptions): Promise<Launcher> {
  const { built, cacheDir, outRoot, access, namespaces = "auto" } = options;
  refuseOverlap(access, built, outRoot);
  if (built.runtime === "deno")
    refuseCommas([...access.readDirs, ...access.codeDirs, built.modulesDir, outRoot]);
  for (const dir of [outRoot, ...access.readDirs, ...access.codeDirs]) mkdirSync(dir, { recursive: true });
  const shared = { built, outRoot, access, ...tracking() };
  if (built.runtime === "deno") return { ...shared, sandbox: null, isolation: PERMISSIONS };
  const plain = (why: string): Launcher => ({ ...shared, sandbox: null, isolation: { ...PLAIN, why } });
  if (namespaces === "none") return plain("namespaces were turned off");
  const tools = findNamespaceTools();
  if ("missing" in tools) return plain(tools.missing);
  const readPaths = [executablePath(), built.modulesDir, ...access.codeDirs, ...access.readDirs];
  const root = join(cacheDir, `root-${shortHash([...readPaths, outRoot])}`);
  const failures: string[] = [];
  for (const sandbox of sandboxesOf(tools, root, readPaths, outRoot)) {
    if (namespaces !== "auto" && namespaces !== sandbox.by) continue;
    const launcher = { ...shared, sandbox, isolation: NAMESPACES };
    try {
      const trial = await startChild(launcher);
      await discardChild(trial);
      return launcher;
    } catch (error) {
      failures.push(`with ${sandbox.by}: ${messageOf(error)}`);
    }
  }
  return plain(`a trial start in namespaces failed ${failures.join("; ")}`);
}

const NAMESPACES: Isolation = {
  by: "namespaces",
  network: "unreachable",
  files: "own-only",
  descendants: "all-killed",
  why: "",
};

const PERMISSIONS: Isolation = {
  by: "permissions",
  network: "unreachable",
  files: "own-only",
  descendants: "none-can-start",
  why: "",
};

const PLAIN: Isolation = {
  by: "process",
  network: "reachable",
  files: "all-of-the-user",
  descendants: "group-killed",
  why: "",
};

function tracking(): Pick<Launcher, "reaper" | "nextId" | "onSpawn" | "startedCount" | "livePids" | "close"> {
  const reaper = startReaper();
  const running = new Set<ChildProcess>();
  let count = 0;
  let started = 0;
  return {
    reaper,
    nextId: () => `${process.pid}-${++count}-${randomBytes(4).toString("hex")}`,
    onSpawn(child) {
      started += 1;
      running.add(child);
      void child.whenEnded.then(() => running.delete(child));
    },
    startedCount: () => started,
    livePids: () => [...running].map((child) => child.mainPid),
    async close() {
      for (const child of running) child.kill();
      await Promise.all([...running].map((child) => child.whenEnded));
      reaper.close();
    },
  };
}

/**
 * On Deno, revoking access to a directory revokes access to everything in it, so it must not contain code or output. The
 * rule holds on Bun too, so that a layout that works on one runtime works on the other.
 */
function refuseOverlap({ readDirs, codeDirs }: ChildAccess, built: BuiltChild, outRoot: string): void {
  for (const readDir of readDirs) {
    for (const dir of [...codeDirs, built.modulesDir, outRoot]) {
      if (!isInside(readDir, dir)) continue;
      throw new Error(
        `Cannot give children ${readDir} to read until privileges are dropped: ${dir}, which they need afterwards, lies in it.`,
      );
    }
  }
}

/** Deno separates paths with commas and has no way to escape one. */
function refuseCommas(paths: readonly string[]): void {
  const path = paths.find((candidate) => candidate.includes(","));
  if (path === undefined) return;
  throw new Error(
    `Cannot give children ${path}: on Deno no path may hold a comma. Move or rename the directory, or run on Bun.`,
  );
}

function isInside(parent: string, path: string): boolean {
  const steps = relative(parent, path);
  return steps === "" || (steps !== ".." && !steps.startsWith(`..${sep}`) && dirname(steps) !== steps);
}

function shortHash(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 12);
}
