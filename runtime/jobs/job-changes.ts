/** Wakes those who wait for a change of a job. */
export interface JobChanges {
  tell(id: string): void;
  /** Resolves at the job's next change, or when the signal aborts. */
  next(id: string, signal: AbortSignal): Promise<void>;
  /** Wakes everyone. */
  tellAll(): void;
}

export function createJobChanges(): JobChanges {
  const waiting = new Map<string, Set<() => void>>();
  const tell = (id: string) => {
    const woken = waiting.get(id) ?? [];
    waiting.delete(id);
    for (const wake of woken) wake();
  };
  return {
    tell,
    next(id, signal) {
      return new Promise((resolve) => {
        if (signal.aborted) return resolve();
        const others = waiting.get(id) ?? new Set();
        const wake = () => {
          others.delete(wake);
          if (others.size === 0 && waiting.get(id) === others) waiting.delete(id);
          signal.removeEventListener("abort", wake);
          resolve();
        };
        waiting.set(id, others.add(wake));
        signal.addEventListener("abort", wake, { once: true });
      });
    },
    tellAll() {
      for (const id of waiting.keys()) tell(id);
    },
  };
}
