import { readdirSync, readFileSync } from "node:fs";

/** Proportional memory of a process and everything beneath it: a page that n processes share counts 1/n in each. */
export function pssOfTree(pid: number): number {
  return [pid, ...descendantsOf(pid)].reduce((sum, each) => sum + pssOf(each), 0);
}

/** Proportional memory of one process; 0 when it is gone. Linux only. */
export function pssOf(pid: number): number {
  const line = /^Pss: +(\d+) kB/m.exec(readOrEmpty(`/proc/${pid}/smaps_rollup`));
  return Number(line?.[1] ?? 0) * 1024;
}

export function canMeasurePss(): boolean {
  return pssOf(process.pid) > 0;
}

/** Samples until it is stopped; gives the highest sum seen. */
export function watchPss(pid: number, everyMs = 100): () => number {
  let peak = pssOfTree(pid);
  const timer = setInterval(() => (peak = Math.max(peak, pssOfTree(pid))), everyMs);
  return () => {
    clearInterval(timer);
    return Math.max(peak, pssOfTree(pid));
  };
}

function descendantsOf(root: number): number[] {
  const children = new Map<number, number[]>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    // The name in brackets may hold anything; the parent is the second field after the last bracket.
    const parent = Number(readOrEmpty(`/proc/${name}/stat`).replace(/^.*\)/s, "").split(" ")[2]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  const found: number[] = [];
  const pending = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const below = children.get(next) ?? [];
    found.push(...below);
    pending.push(...below);
  }
  return found;
}

/** A process may end between two reads. */
function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}
