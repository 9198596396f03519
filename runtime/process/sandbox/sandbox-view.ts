import { closeSync, existsSync, lstatSync, mkdirSync, openSync, readlinkSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/** How a path of the system appears in a sandbox. */
export interface Bind {
  readonly source: string;
  readonly target: string;
  readonly access: "read" | "write" | "device";
}

/**
 * A view of the file system, made once and used by every child: a read-only folder of mount points in which a
 * child sees the system's libraries, its runtime and what it is given to read, under their usual paths.
 */
export interface SandboxView {
  readonly root: string;
  /** The same for every child, in this order. */
  readonly binds: readonly Bind[];
}

/** Makes the folder of mount points under `root`. `readPaths` is what a child needs and may read. */
export function makeSandboxView(root: string, readPaths: readonly string[]): SandboxView {
  mkdirSync(join(root, "proc"), { recursive: true });
  const binds: Bind[] = [{ source: root, target: root, access: "read" }];
  const bound: string[] = [];
  for (const path of [...libraryPaths(root), ...readPaths]) {
    if (bound.some((parent) => path === parent || path.startsWith(`${parent}/`))) continue;
    binds.push(bind(root, path, "read"));
    bound.push(path);
  }
  for (const path of ["/dev/null", "/dev/urandom"]) binds.push(bind(root, path, "device"));
  return { root, binds };
}

/** The directory a child writes to, with its mount point in the view; the mount point is to be removed afterwards. */
export function bindOutDir({ root }: SandboxView, outDir: string): Bind {
  return bind(root, outDir, "write");
}

/** A mount goes onto something of the same sort: a file onto a file, a folder onto a folder. */
function bind(root: string, path: string, access: Bind["access"]): Bind {
  const target = join(root, path);
  if (lstatSync(path).isDirectory()) {
    mkdirSync(target, { recursive: true });
  } else {
    mkdirSync(dirname(target), { recursive: true });
    closeSync(openSync(target, "a"));
  }
  return { source: path, target, access };
}

/** Folders of the system's libraries that are there; where one is a link to another, the link is copied. */
function libraryPaths(root: string): string[] {
  const paths: string[] = [];
  for (const path of ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/nix/store"]) {
    if (!existsSync(path)) continue;
    const link = join(root, path);
    if (!lstatSync(path).isSymbolicLink()) paths.push(path);
    else if (lstatSync(link, { throwIfNoEntry: false }) === undefined) {
      mkdirSync(dirname(link), { recursive: true });
      symlinkSync(readlinkSync(path), link);
    }
  }
  return paths;
}
