/** Calls a function at most once per interval, including a trailing call. */
export interface Throttle {
  /** Calls it now if the interval has passed, otherwise when it has. */
  request(): void;
  /** Makes a pending call now. */
  flush(): void;
}

export function createThrottle(run: () => void, everyMs: number): Throttle {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isWanted = false;
  const now = () => {
    isWanted = false;
    timer = setTimeout(() => {
      timer = undefined;
      if (isWanted) now();
    }, everyMs);
    timer.unref();
    run();
  };
  return {
    request() {
      isWanted = true;
      if (timer === undefined) now();
    },
    flush() {
      clearTimeout(timer);
      timer = undefined;
      if (!isWanted) return;
      isWanted = false;
      run();
    },
  };
}
