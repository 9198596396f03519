import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { listDatasets } from "./read-dataset.ts";

/**
 * Empties a data directory that turned out not to be needed: a refused import leaves nothing behind. Only the process
 * that made the directory may call it, before it releases the lock; the returned function, called after that, removes
 * the directory. A directory that holds a dataset, or anything that is not Quiver's, stays.
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

/** The lock's own files, which go last. */
const LOCK = /^\.lock/;
const OWN = /^(?:spool|quiver\.db(?:-\w+)?|\.lock.*|\.writable-.*)$/;
