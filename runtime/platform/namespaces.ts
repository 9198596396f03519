import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";

/** The system's tools that put a process into namespaces of its own, by absolute path. */
export interface NamespaceTools {
  readonly unshare: string;
  readonly mount: string;
  readonly sh: string;
}

/** The tools, or in words why there are none. Whether the kernel lets them is only known by trying. */
export function findNamespaceTools(): NamespaceTools | { readonly missing: string } {
  if (process.platform !== "linux") return { missing: `${process.platform} has no namespaces` };
  if (!existsSync("/proc/self/ns/user")) return { missing: "the kernel was built without user namespaces" };
  const [unshare, mount, sh] = ["unshare", "mount", "sh"].map(findExecutable);
  if (unshare === undefined || mount === undefined || sh === undefined) {
    return { missing: "unshare, mount or sh is not installed (package util-linux)" };
  }
  return { unshare, mount, sh };
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
