/** The time, and a timer. */
export interface Clock {
  now(): Date;
  /** Calls back once; the returned function cancels that. */
  after(milliseconds: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => new Date(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    // A schedule does not keep the process alive.
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};
