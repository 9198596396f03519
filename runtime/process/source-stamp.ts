import { statSync } from "node:fs";

/** Identifies a source file as it was when something was built from it. */
export interface SourceStamp {
  readonly path: string;
  /** NaN for a file written while it was read, or just before: the content read may be older. */
  readonly mtimeMs: number;
  readonly size: number;
  readonly inode: number;
}

/** File systems store times in steps of several milliseconds. */
const MTIME_STEP_MS = 20;

/** The stamp of a file that was read some time after `readAt`. */
export function stampOf(path: string, readAt: number): SourceStamp {
  const { mtimeMs, size, ino } = statSync(path);
  const isSettled = mtimeMs < readAt - MTIME_STEP_MS;
  return { path, mtimeMs: isSettled ? mtimeMs : Number.NaN, size, inode: ino };
}

/** Whether a file still matches its stamp. */
export function isUnchanged(stamp: SourceStamp): boolean {
  const now = statSync(stamp.path, { throwIfNoEntry: false });
  return now !== undefined && isSame(stamp, { mtimeMs: now.mtimeMs, size: now.size, inode: now.ino });
}

/** Whether two stamps identify the same content; never for a file that was written too recently. */
export function isSame(one: Omit<SourceStamp, "path">, other: Omit<SourceStamp, "path">): boolean {
  return one.mtimeMs === other.mtimeMs && one.size === other.size && one.inode === other.inode;
}
