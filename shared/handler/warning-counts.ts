/** Distinct warnings kept at most; a handler that says something new on every row must not fill the reply. */
const DISTINCT_MAX = 100;

/** Warnings with how often each was given. */
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
