import { closeSync, existsSync, lstatSync, mkdirSync, openSync, readlinkSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/** One path of the system in a sandbox. */
export interface Bind {
  readonly source: string;
  readonly target: string;
  readonly access: "read" | "write" | "device";
}

/**
 * A view of the file system, made once and used by every child: a read-only folder of mount points in which a
 * child sees the system's libraries, its runtime and the files it may read, under their usual paths.
 */
export interface SandboxView {
  readonly root: string;
  /** The mounts of every child, in this order. */
  readonly binds: readonly Bind[];
  /**
   * Where output directories appear. Each child gets an empty folder in memory there, which holds its own mount point:
   * a mount point on the disk would have to be removed, which makes the server wait until every processor has
   * noticed.
   */
  readonly outTop: string;
}

/** Makes the folder of mount points under `root`. `readPaths` are the paths that a child needs and may read. */
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

/** The options of the folder in memory: it has room for one name only. */
export const OUT_TOP_OPTIONS = "size=4k,nr_inodes=4,mode=0555";

/** The directory that a child writes to; its mount point does not exist yet. */
export function bindOutDir({ root }: SandboxView, outDir: string): Bind {
  return { source: outDir, target: join(root, outDir), access: "write" };
}

/** A file is mounted onto a file, a folder onto a folder. */
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

/** The existing folders of the system's libraries; a link from one to another is copied as a link. */
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
