/**
 * The number of distinct warnings kept. Without a bound, a handler that warns differently on every row would fill the
 * reply.
 */
const DISTINCT_MAX = 100;

/** Distinct warnings, each with the number of times it was given. */
export class WarningCounts {
  readonly #counts = new Map<string, number>();

  add(message: string, times = 1): void {
    const known = this.#counts.get(message);
    if (known !== undefined) this.#counts.set(message, known + times);
    else if (this.#counts.size < DISTINCT_MAX) this.#counts.set(message.slice(0, 1000), times);
  }

  toJSON(): { message: string; count: number }[] {
    return Array.from(this.#counts, ([message, count]) => ({ message, count }));
  }
}
