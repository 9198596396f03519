/**
 * Calls `onExceeded` once when the process has more than `limitBytes` in memory. DuckDB keeps its own limit for what it
 * buffers, but not for the values a function makes: one `list_resize` may ask for any amount, and cannot be interrupted.
 * The process that serves SQL is there to be restarted, so it should end itself then. Returns what stops the watch.
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

/** A process gains at most a few hundred megabytes in this time. */
const WATCH_MS = 100;
