import { readFileSync } from "node:fs";
import type { ProcessExit } from "./child-process.ts";

/** What JavaScript engines print before they abort because their heap is full. */
const ENGINE_WORDS = /out ?of ?memory/i;

/** The signals by which an engine ends itself, and the exit codes that a shell turns them into. */
const ABORTS: ReadonlySet<unknown> = new Set(["SIGTRAP", "SIGABRT", "SIGILL", "SIGSEGV", 132, 133, 134, 139]);

/**
 * Whether a process that ended by itself ran out of memory: its engine aborts with a message, or the system kills it
 * and counts its kills. The system's count is for the whole machine; nothing better is available without privileges.
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

/** How often the system has killed a process for lack of memory since boot; 0 where that is unknown. */
export function systemOutOfMemoryKills(): number {
  try {
    const match = /^oom_kill (\d+)/m.exec(readFileSync("/proc/vmstat", "latin1"));
    return Number(match?.[1] ?? 0);
  } catch {
    return 0;
  }
}
