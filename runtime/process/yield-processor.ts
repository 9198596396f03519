import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** Lowers the priority of a process for the rest of its life: raising it again would take privileges. */
export function yieldProcessor(pid: number, nice: number): void {
  if (nice === 0) return;
  try {
    setPriority(pid, nice);
    // Linux may schedule each session as one group; then the niceness of the group counts.
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // The process has ended, or the system does not support this: it keeps its priority.
  }
}
