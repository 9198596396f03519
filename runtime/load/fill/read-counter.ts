import { readFileSync } from "node:fs";
import type { LoadStatistics } from "../../../shared/protocol/engine.ts";

/** Starts counting; the function returned tells what was read and how long it took since. */
export function startReadCounter(): (rowCount: number) => LoadStatistics {
  const startedAt = performance.now();
  const before = bytesReadSoFar();
  return (rowCount) => ({
    bytesRead: Math.max(0, bytesReadSoFar() - before),
    rowCount,
    milliseconds: performance.now() - startedAt,
  });
}

/** Bytes this process has read through the system, from the page cache or from disk; 0 where nobody counts. */
function bytesReadSoFar(): number {
  try {
    return Number(/^rchar: (\d+)/.exec(readFileSync("/proc/self/io", "latin1"))?.[1] ?? 0);
  } catch {
    // Not Linux, or not allowed: statistics are then without this figure.
    return 0;
  }
}
