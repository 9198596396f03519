import { readFileSync } from "node:fs";

/** Wall time and this process's own processor time of some work: on a busy machine only the latter says what it takes. */
export interface WorkTime {
  readonly milliseconds: number;
  readonly processorMs: number;
}

export function timeWork(work: () => void): WorkTime {
  const before = process.cpuUsage();
  const startedAt = performance.now();
  work();
  const milliseconds = performance.now() - startedAt;
  const { user, system } = process.cpuUsage(before);
  return { milliseconds, processorMs: (user + system) / 1000 };
}

/** Of the system's clock, in which processor time of other processes is counted. */
const TICK_MS = 10;

/** Processor time of a process and, of what it started, of all that have ended. */
export function processorTimes(pid: number): { readonly own: number; readonly ended: number } {
  const fields = readFileSync(`/proc/${pid}/stat`, "latin1").replace(/^.*\)/s, "").split(" ");
  const [own, ownKernel, ended, endedKernel] = fields.slice(12, 16).map((ticks) => Number(ticks) * TICK_MS);
  return { own: own! + ownKernel!, ended: ended! + endedKernel! };
}
