import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { listDatasets } from "./read-dataset.ts";

/**
 * Undoes the making of a data directory that was not needed after all: a refused import leaves nothing behind. Only for
 * whoever made it, and before the lock is released; what is returned takes the directory away after that. A directory
 * with a dataset, or with anything that is not Quiver's, stays.
 */
export function clearBareDataDir(dataDir: string): () => void {
  if (!existsSync(dataDir) || listDatasets(dataDir).length > 0) return () => undefined;
  const own = readdirSync(dataDir).filter((name) => OWN.test(name));
  for (const name of own) {
    if (!LOCK.test(name)) rmSync(join(dataDir, name), { recursive: true, force: true });
  }
  return () => {
    if (readdirSync(dataDir).some((name) => !LOCK.test(name))) return;
    for (const name of readdirSync(dataDir)) rmSync(join(dataDir, name), { force: true });
    rmdirSync(dataDir);
  };
}

/** The lock's own files: they go last. */
const LOCK = /^\.lock/;
const OWN = /^(?:spool|quiver\.db(?:-\w+)?|\.lock.*|\.writable-.*)$/;
