import { readFileSync } from "node:fs";
import type { ProcessExit } from "./child-process.ts";

/** What engines print when their heap is full, before they abort. */
const ENGINE_WORDS = /out ?of ?memory/i;

/** Signals by which an engine ends itself, and the codes a shell makes of them. */
const ABORTS: ReadonlySet<unknown> = new Set(["SIGTRAP", "SIGABRT", "SIGILL", "SIGSEGV", 132, 133, 134, 139]);

/**
 * Whether a process that ended by itself ended for want of memory: by its engine, which aborts and says why, or by
 * the system, which kills and counts its kills. The system's count is for the whole machine, so this is as good as
 * can be known without privileges.
 */
export function outOfMemoryEvidence(
  exit: ProcessExit,
  log: string,
  systemKillsBefore: number | undefined,
): "runtime" | "system" | undefined {
  const aborted = ABORTS.has(exit.signal) || ABORTS.has(exit.code);
  if (aborted && ENGINE_WORDS.test(log)) return "runtime";
  const killed = exit.signal === "SIGKILL" || exit.code === 137;
  if (!killed || systemKillsBefore === undefined) return undefined;
  return systemOutOfMemoryKills() > systemKillsBefore ? "system" : undefined;
}

/** How often this system has killed a process for want of memory since it started; 0 where it does not tell. */
export function systemOutOfMemoryKills(): number {
  try {
    const match = /^oom_kill (\d+)/m.exec(readFileSync("/proc/vmstat", "latin1"));
    return Number(match?.[1] ?? 0);
  } catch {
    return 0;
  }
}
