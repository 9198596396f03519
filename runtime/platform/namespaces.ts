import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The absolute paths of the system tools that put a process into its own namespaces. */
export interface NamespaceTools {
  readonly sh: string;
  readonly perl: string | undefined;
  readonly unshare: string | undefined;
  readonly mount: string | undefined;
}

/**
 * The available tools, or the reason why there are none. Whether the kernel permits their use is only known by trying.
 */
export function findNamespaceTools(): NamespaceTools | { readonly missing: string } {
  if (process.platform !== "linux") return { missing: `${process.platform} has no namespaces` };
  if (!existsSync("/proc/self/ns/user")) return { missing: "the kernel was built without user namespaces" };
  const [perl, unshare, mount] = ["perl", "unshare", "mount"].map(findExecutable);
  if (perl === undefined && (unshare === undefined || mount === undefined)) {
    return { missing: "neither perl nor unshare and mount (package util-linux) are installed" };
  }
  return { sh: "/bin/sh", perl, unshare, mount };
}

function findExecutable(name: string): string | undefined {
  const folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", ...(process.env["PATH"] ?? "").split(delimiter)];
  return folders.map((folder) => join(folder, name)).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
