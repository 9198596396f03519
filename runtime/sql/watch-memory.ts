/**
 * Calls `onExceeded` once, when the process has more than `limitBytes` in memory. DuckDB limits its own buffers, but not
 * the values that a function creates: one `list_resize` can request any amount and cannot be interrupted. The process
 * that serves SQL can be restarted at any time, so it should then end itself. Returns a function that stops the watch.
 */
export function watchMemory(
  limitBytes: number,
  onExceeded: (residentBytes: number) => void,
  residentBytes: () => number = () => process.memoryUsage.rss(),
): () => void {
  const timer = setInterval(() => {
    const resident = residentBytes();
    if (resident <= limitBytes) return;
    clearInterval(timer);
    onExceeded(resident);
  }, WATCH_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** A process can allocate a few hundred megabytes in this time. */
const WATCH_MS = 100;
