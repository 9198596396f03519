/** Writes values by key, at once or as soon as writing is possible. */
export interface PatientWriter<T> {
  /** Never throws and never waits: if writing fails, the latest value of each key is kept and written later. */
  write(key: string, value: T): void;
  unwritten(key: string): T | undefined;
  /** All values that have not been written, oldest first. */
  readonly backlog: readonly T[];
  /** Whether the last attempt failed. Nothing is written until the next one. */
  readonly isFailing: boolean;
  /** Tries once more, then gives up. */
  close(): void;
}

export interface PatientWriterOptions<T> {
  readonly write: (value: T) => void;
  readonly retryMs?: number;
  /** The limit for unwritten values; beyond it the oldest are lost. */
  readonly keptMax?: number;
  /** Called once when writing begins to fail. */
  readonly onFailure?: (error: unknown) => void;
  /** Called when everything has been written again. */
  readonly onRecovery?: () => void;
}

const RETRY_MS = 1_000;

/** Keeps a full disk or a locked file from stopping work that has something to record. */
export function createPatientWriter<T>(options: PatientWriterOptions<T>): PatientWriter<T> {
  const { retryMs = RETRY_MS, keptMax = Infinity } = options;
  const backlog = new Map<string, T>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isFailing = false;
  let isClosed = false;

  function flush(): void {
    const failed = isFailing;
    for (const [key, value] of backlog) {
      try {
        options.write(value);
        backlog.delete(key);
      } catch (error) {
        isFailing = true;
        if (!isClosed) {
          timer = setTimeout(flush, retryMs);
          timer.unref();
        }
        if (!failed) options.onFailure?.(error);
        return;
      }
    }
    isFailing = false;
    if (failed) options.onRecovery?.();
  }

  return {
    write(key, value) {
      backlog.set(key, value);
      for (const oldest of backlog.keys()) {
        if (backlog.size <= keptMax) break;
        backlog.delete(oldest);
      }
      if (!isFailing) flush();
    },
    unwritten: (key) => backlog.get(key),
    get backlog() {
      return [...backlog.values()];
    },
    get isFailing() {
      return isFailing;
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      if (backlog.size > 0) flush();
    },
  };
}
