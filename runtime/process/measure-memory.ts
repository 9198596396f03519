import { execFile } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/**
 * The private memory of a process and its descendants: anonymous pages and shared anonymous pages, so that a mapped
 * input file does not count until it is written to. Zero when the process has ended. Linux only; it reads a few small
 * files in about a tenth of a millisecond.
 */
export function privateMemoryOfTree(pid: number): number {
  return [pid, ...descendantsOf(pid)].reduce((total, next) => total + privateMemory(next), 0);
}

/** The descendants of a process, except those whose parent has ended. */
export function descendantsOf(pid: number): number[] {
  const seen = new Set<number>();
  const pending = childrenOf(pid);
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    pending.push(...childrenOf(next));
  }
  return [...seen];
}

/** The private memory of one process. */
export function privateMemory(pid: number): number {
  const status = readOrEmpty(`/proc/${pid}/status`);
  return (kilobytes(status, "RssAnon:") + kilobytes(status, "RssShmem:")) * 1024;
}

/** The processes started by any thread of a process. */
export function childrenOf(pid: number): number[] {
  const children: number[] = [];
  for (const thread of listOrEmpty(`/proc/${pid}/task`)) {
    const line = readOrEmpty(`/proc/${pid}/task/${thread}/children`).trim();
    if (line !== "") children.push(...line.split(" ").map(Number));
  }
  return children;
}

/**
 * The resident memory of a process group by `ps`, for systems without `/proc`. It includes resident pages of mapped
 * files, which `ps` cannot tell apart.
 */
export function residentMemoryOfGroup(groupId: number): Promise<number> {
  return new Promise((resolve) => {
    execFile("ps", ["-A", "-o", "pgid=,rss="], (error, stdout) => {
      resolve(error === null ? sumOfGroup(stdout, groupId) : 0);
    });
  });
}

/** Sums the second column, in kilobytes, of the lines whose first column is the group. */
export function sumOfGroup(listing: string, groupId: number): number {
  let kilobytesTotal = 0;
  for (const line of listing.split("\n")) {
    const [group, resident] = line.trim().split(/\s+/).map(Number);
    if (group === groupId && resident !== undefined) kilobytesTotal += resident;
  }
  return kilobytesTotal * 1024;
}

function kilobytes(status: string, label: string): number {
  const at = status.indexOf(label);
  return at < 0 ? 0 : Number.parseInt(status.slice(at + label.length), 10);
}

/** A process that ends between two reads counts as empty. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

function listOrEmpty(path: string): string[] {
  try {
    return readdirSync(path);
  } catch {
    return [];
  }
}
