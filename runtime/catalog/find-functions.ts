import { lstatSync, type Stats } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { QuiverError, type ErrorRecord } from "../../shared/errors/index.ts";

/** A directory under the functions directory that has an `index.ts`. */
export interface FoundFunction {
  readonly name: string;
  readonly entry: string;
  /** Why it cannot be used, whatever its code says; null if nothing is known against it. */
  readonly problem: ErrorRecord | null;
}

const NAME = /^[a-z][a-z0-9-]*$/;

/** The functions in the directory now, sorted by name. A missing directory holds none. */
export async function findFunctions(functionsDir: string): Promise<FoundFunction[]> {
  const names = await readdir(functionsDir).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  return names
    .toSorted((a, b) => (a < b ? -1 : 1))
    .map((name) => findFunction(functionsDir, name))
    .filter((entry) => entry !== undefined);
}

/** One function by name; undefined when there is no `<name>/index.ts`. */
export function findFunction(functionsDir: string, name: string): FoundFunction | undefined {
  const dir = join(functionsDir, name);
  const entry = join(dir, "index.ts");
  const [dirStat, entryStat] = [lstatOrNull(dir), lstatOrNull(entry)];
  if (dirStat === null || entryStat === null) return undefined;
  return { name, entry, problem: problemOf(name, dirStat.isSymbolicLink() || entryStat.isSymbolicLink()) };
}

function problemOf(name: string, isLink: boolean): ErrorRecord | null {
  if (!NAME.test(name)) {
    const message =
      `Cannot use functions/${name}: expected a name of lower-case letters, digits and hyphens ` +
      "after a first letter. Rename the folder.";
    return { code: "function-invalid", message, facts: { name } };
  }
  if (!isLink) return null;
  // A sandboxed process could follow the link out of the folders it may read.
  const message = `Cannot use functions/${name}: it is a symbolic link, expected a folder with a file index.ts. Copy it here.`;
  return { code: "function-invalid", message, facts: { name } };
}

/** Synchronous: every call does this, and a promise would take fifty times as long as the stat itself. */
function lstatOrNull(path: string): Stats | null {
  try {
    return lstatSync(path);
  } catch (error) {
    if (isMissing(error)) return null;
    throw new QuiverError("function-invalid", `Cannot read ${path}: ${String(error)}.`, { path }, error);
  }
}

function isMissing(error: unknown): boolean {
  if (typeof error !== "object" || error === null || !("code" in error)) return false;
  return error.code === "ENOENT" || error.code === "ENOTDIR";
}
