import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** Has a process give way to others for the rest of its life; there is no way back without privileges. */
export function yieldProcessor(pid: number, nice: number): void {
  if (nice === 0) return;
  try {
    setPriority(pid, nice);
    // Linux may schedule each session as one group, in which case the niceness that counts is the group's.
    writeFileSync(`/proc/${pid}/autogroup`, String(nice));
  } catch {
    // It ended meanwhile, or the system has no such thing: it runs like everything else.
  }
}
