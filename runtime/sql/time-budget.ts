/**
 * Limits the time that is spent waiting for DuckDB. The time a slow reader takes between two pieces of a long result
 * does not count.
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

  /** One timer is set again for what is left, instead of one for each of thousands of waits. */
  #arm(afterMs: number): void {
    this.#timer = setTimeout(() => {
      const waiting = this.#waitingSince === undefined ? 0 : this.#now() - this.#waitingSince;
      const leftMs = this.#limitMs - this.#spentMs - waiting;
      if (leftMs > 0) return this.#arm(Math.max(leftMs, TIMER_MS_MIN));
      // While nothing is waited for there is nothing to interrupt: the next wait will be.
      this.#isExpired = true;
      this.#onExpired();
    }, afterMs);
  }
}

/** With little time left and nobody waiting, the timer would otherwise be set a thousand times a second. */
const TIMER_MS_MIN = 10;
