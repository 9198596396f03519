import { readFileSync } from "node:fs";
import type { LoadStatistics } from "../../../shared/protocol/engine.ts";

/** Starts counting; the returned function reports what was read and how long it took since. */
export function startReadCounter(): (rowCount: number) => LoadStatistics {
  const startedAt = performance.now();
  const before = bytesReadSoFar();
  return (rowCount) => ({
    bytesRead: Math.max(0, bytesReadSoFar() - before),
    rowCount,
    milliseconds: performance.now() - startedAt,
  });
}

/**
 * The number of bytes this process has read through the system, from the page cache or from disk; 0 where this is not
 * counted.
 */
function bytesReadSoFar(): number {
  try {
    return Number(/^rchar: (\d+)/.exec(readFileSync("/proc/self/io", "latin1"))?.[1] ?? 0);
  } catch {
    // Not Linux, or not permitted: statistics then lack this number.
    return 0;
  }
}
