import { lstatSync, readdirSync } from "node:fs";
import { join } from "node:path";

/**
 * The bytes of all files under a directory, without following links. The greater of length and blocks counts: a sparse
 * file counts with its full length, and a tiny file with its blocks. Counting stops above `enough`.
 */
export function directoryBytes(path: string, enough = Number.POSITIVE_INFINITY): number {
  let total = 0;
  const pending = [path];
  for (let next = pending.pop(); next !== undefined && total <= enough; next = pending.pop()) {
    for (const entry of entriesOf(next)) {
      const child = join(next, entry);
      const stat = lstatSync(child, { throwIfNoEntry: false });
      if (stat === undefined) continue;
      if (stat.isDirectory()) pending.push(child);
      total += Math.max(stat.size, (stat.blocks || 0) * 512);
    }
  }
  return total;
}

/** A directory that the child removes meanwhile counts as empty. */
function entriesOf(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
