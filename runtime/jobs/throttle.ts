/** Something done so often at most, the last time included. */
export interface Throttle {
  /** At once if it was not done lately, else when it is time. */
  request(): void;
  /** Does now what was asked for and not done yet. */
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
