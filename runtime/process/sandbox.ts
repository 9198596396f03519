import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readlinkSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import type { NamespaceTools } from "../platform/namespaces.ts";

/**
 * A view of the file system, made once and used by every child: a read-only folder of mount points in which a
 * child sees the system's libraries, its runtime and what it is given to read, under their usual paths.
 */
export interface Sandbox {
  readonly tools: NamespaceTools;
  readonly root: string;
  /** Lines of an fstab, the same for every child. */
  readonly mounts: readonly string[];
}

/** Makes the folder of mount points under `root`. `readPaths` is what a child needs and may read. */
export function makeSandbox(tools: NamespaceTools, root: string, readPaths: readonly string[]): Sandbox {
  mkdirSync(join(root, "proc"), { recursive: true });
  const mounts = [fstabLine(root, root, "bind,ro")];
  const bound: string[] = [];
  for (const path of [...libraryPaths(root), ...readPaths]) {
    if (bound.some((parent) => path === parent || path.startsWith(`${parent}/`))) continue;
    makeMountPoint(path, join(root, path));
    mounts.push(fstabLine(path, join(root, path), "bind,ro,nosuid"));
    bound.push(path);
  }
  for (const device of ["/dev/null", "/dev/urandom"]) {
    makeMountPoint(device, join(root, device));
    mounts.push(fstabLine(device, join(root, device), "bind"));
  }
  return { tools, root, mounts };
}

export interface SandboxedCommand {
  readonly file: string;
  readonly args: readonly string[];
  /** To be removed when the command has ended: its fstab, and where `outDir` is mounted on the view. */
  readonly leftovers: readonly string[];
}

/** The command line that runs `command` in the sandbox, in `outDir`, the only place it can write to. */
export function sandboxedCommand(
  sandbox: Sandbox,
  outDir: string,
  command: readonly string[],
): SandboxedCommand {
  const { unshare, sh } = sandbox.tools;
  const mountPoint = join(sandbox.root, outDir);
  mkdirSync(mountPoint, { recursive: true });
  // A file, because mount does not read its table from a pipe.
  const fstab = `${sandbox.root}.${basename(outDir)}.fstab`;
  const lines = [...sandbox.mounts, fstabLine(outDir, mountPoint, "bind,rw,nosuid,nodev,noexec")];
  writeFileSync(fstab, `${lines.join("\n")}\n`);
  return {
    file: unshare,
    args: [
      "--user",
      "--map-root-user",
      "--mount",
      sh,
      "-c",
      mountScript(sandbox.tools),
      "sh",
      fstab,
      sandbox.root,
      outDir,
      ...command,
    ],
    leftovers: [fstab, mountPoint],
  };
}

/** What `mountScript` exits with when a mount is refused. */
export const MOUNT_REFUSED_EXIT_CODE = 96;

/**
 * In the first user namespace the process is root and mounts everything with one command: each further process
 * costs a millisecond. In the second it is an ordinary user without capabilities, sees those mounts as locked and
 * the system as a changed root, in which no further user namespace can be made. The command becomes process 1 of
 * its process namespace: whatever it started ends with it.
 */
function mountScript({ mount, unshare }: NamespaceTools): string {
  const inner =
    "--user --map-user=1000 --map-group=1000 --mount --net --ipc --pid --fork --kill-child --mount-proc";
  return [
    "fstab=$1 root=$2 out=$3; shift 3",
    `${mount} -a -T "$fstab" || exit ${MOUNT_REFUSED_EXIT_CODE}`,
    `exec ${unshare} ${inner} --root="$root" --wd="$out" -- "$@"`,
  ].join("\n");
}

/** Folders of the system's libraries that are there; where one is a link to another, the link is copied. */
function libraryPaths(root: string): string[] {
  const paths: string[] = [];
  for (const path of ["/usr/lib", "/usr/lib64", "/lib", "/lib64", "/nix/store"]) {
    if (!existsSync(path)) continue;
    if (!lstatSync(path).isSymbolicLink()) paths.push(path);
    else if (!existsSync(join(root, path)) && !isLink(join(root, path))) {
      mkdirSync(dirname(join(root, path)), { recursive: true });
      symlinkSync(readlinkSync(path), join(root, path));
    }
  }
  return paths;
}

function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** A mount goes onto something of the same sort: a file onto a file, a folder onto a folder. */
function makeMountPoint(path: string, mountPoint: string): void {
  if (lstatSync(path).isDirectory()) {
    mkdirSync(mountPoint, { recursive: true });
    return;
  }
  mkdirSync(dirname(mountPoint), { recursive: true });
  closeSync(openSync(mountPoint, "a"));
}

/** One line of an fstab, in which white space and backslashes are written as octal numbers. */
function fstabLine(source: string, target: string, options: string): string {
  return `${fstabField(source)} ${fstabField(target)} none ${options} 0 0`;
}

function fstabField(path: string): string {
  return path.replaceAll(/[\s\\#]/g, (c) => `\\${c.charCodeAt(0).toString(8).padStart(3, "0")}`);
}
