import { writeFileSync } from "node:fs";
import { setPriority } from "node:os";

/** Still a fair share of an idle machine; beside a caller who waits, about a tenth of it. */
const NICE = 10;

/** Has a process give way to others for the rest of its life; there is no way back without privileges. */
export function yieldProcessor(pid: number): void {
  try {
    setPriority(pid, NICE);
    // Linux may schedule each session as one group, in which case the niceness that counts is the group's.
    writeFileSync(`/proc/${pid}/autogroup`, String(NICE));
  } catch {
    // It ended meanwhile, or the system has no such thing: it runs like everything else.
  }
}
