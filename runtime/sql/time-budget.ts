/**
 * Limits the time spent waiting for DuckDB. The time that a slow reader takes between two pieces of a long result does
 * not count.
 */
export class TimeBudget {
  readonly #limitMs: number;
  readonly #onExpired: () => void;
  readonly #now: () => number;
  #spentMs = 0;
  #waitingSince: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isExpired = false;

  constructor(limitMs: number, onExpired: () => void, now: () => number = () => performance.now()) {
    this.#limitMs = limitMs;
    this.#onExpired = onExpired;
    this.#now = now;
    this.#arm(limitMs);
  }

  get isExpired(): boolean {
    return this.#isExpired;
  }

  async spend<T>(work: () => Promise<T>): Promise<T> {
    this.#waitingSince = this.#now();
    try {
      return await work();
    } finally {
      this.#spentMs += this.#now() - this.#waitingSince;
      this.#waitingSince = undefined;
    }
  }

  close(): void {
    clearTimeout(this.#timer);
  }

  /** Sets one timer again and again for the remaining time, instead of one for each of thousands of waits. */
  #arm(afterMs: number): void {
    this.#timer = setTimeout(() => {
      const waiting = this.#waitingSince === undefined ? 0 : this.#now() - this.#waitingSince;
      const leftMs = this.#limitMs - this.#spentMs - waiting;
      if (leftMs > 0) return this.#arm(Math.max(leftMs, TIMER_MS_MIN));
      // If nothing is running now, the next wait is interrupted.
      this.#isExpired = true;
      this.#onExpired();
    }, afterMs);
  }
}

/** Without it, a small remainder and no wait would set the timer a thousand times per second. */
const TIMER_MS_MIN = 10;
