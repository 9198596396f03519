import { statSync } from "node:fs";

/** A source file as it was when something was built of it. */
export interface SourceStamp {
  readonly path: string;
  /** NaN for a file written while it was being read, or just before: what was read may be older. */
  readonly mtimeMs: number;
  readonly size: number;
  readonly inode: number;
}

/** File systems count time in steps of some milliseconds. */
const MTIME_STEP_MS = 20;

/** The stamp of a file that was read some time after `readAt`. */
export function stampOf(path: string, readAt: number): SourceStamp {
  const { mtimeMs, size, ino } = statSync(path);
  const isSettled = mtimeMs < readAt - MTIME_STEP_MS;
  return { path, mtimeMs: isSettled ? mtimeMs : Number.NaN, size, inode: ino };
}

/** Whether a file is as it was. */
export function isUnchanged(stamp: SourceStamp): boolean {
  const now = statSync(stamp.path, { throwIfNoEntry: false });
  return now !== undefined && isSame(stamp, { mtimeMs: now.mtimeMs, size: now.size, inode: now.ino });
}

/** Whether two stamps are of the same content; of a file that is too young to tell they never are. */
export function isSame(one: Omit<SourceStamp, "path">, other: Omit<SourceStamp, "path">): boolean {
  return one.mtimeMs === other.mtimeMs && one.size === other.size && one.inode === other.inode;
}
