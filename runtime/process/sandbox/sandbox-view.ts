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
  /**
   * Where output directories appear. Each child gets an empty folder in memory there, and in that the mount point of
   * its own: a mount point on the disk would have to be removed, and removing one makes the server wait until every
   * processor has noticed.
   */
  readonly outTop: string;
}

/** Makes the folder of mount points under `root`. `readPaths` is what a child needs and may read. */
export function makeSandboxView(root: string, readPaths: readonly string[], outRoot: string): SandboxView {
  const outTop = join(root, outRoot);
  for (const folder of [join(root, "proc"), outTop]) mkdirSync(folder, { recursive: true });
  const binds: Bind[] = [{ source: root, target: root, access: "read" }];
  const bound: string[] = [];
  for (const path of [...libraryPaths(root), ...readPaths]) {
    if (bound.some((parent) => path === parent || path.startsWith(`${parent}/`))) continue;
    binds.push(bind(root, path, "read"));
    bound.push(path);
  }
  for (const path of ["/dev/null", "/dev/urandom"]) binds.push(bind(root, path, "device"));
  return { root, binds, outTop };
}

/** Options of the folder in memory: room for one name, and nobody may add another. */
export const OUT_TOP_OPTIONS = "size=4k,nr_inodes=4,mode=0555";

/** The directory a child writes to; its mount point is yet to be made. */
export function bindOutDir({ root }: SandboxView, outDir: string): Bind {
  return { source: outDir, target: join(root, outDir), access: "write" };
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
