import { log } from "quiver/kernels";

/**
 * Returns over `span` steps of a grid of bar ends, one at every step. A session may have several stretches of trading;
 * the prices of each are given between `begin` and `end`.
 */
export class SampledReturns {
  readonly #span: number;
  #prices = new Float64Array(0);
  #stepCount = 0;
  #filled = -1;
  #squares = 0;
  #returnCount = 0;
  #stepsOfSession = 0;

  constructor(span: number) {
    this.#span = span;
  }

  /** Starts a new session. */
  clear(): void {
    this.#squares = this.#returnCount = this.#stepsOfSession = 0;
    this.#filled = -1;
  }

  /** Opens a stretch of `stepCount` steps that starts at a price. */
  begin(price: number, stepCount: number): void {
    if (this.#prices.length <= stepCount) this.#prices = new Float64Array(stepCount + 1);
    this.#stepCount = stepCount;
    this.#prices[0] = price;
    this.#filled = 0;
  }

  /** Sets the price after `step` steps; the previous price holds until then. Steps must not decrease. */
  put(price: number, step: number): void {
    const at = Math.min(step, this.#stepCount);
    this.#hold(at);
    this.#prices[at] = price;
  }

  /** Closes the open stretch, if any. A stretch shorter than a span does not count. */
  end(): void {
    if (this.#filled < 0) return;
    this.#hold(this.#stepCount);
    this.#filled = -1;
    if (this.#stepCount < this.#span) return;
    for (let i = this.#span; i <= this.#stepCount; i++) {
      const value = log(this.#prices[i]! / this.#prices[i - this.#span]!);
      this.#squares += value * value;
      this.#returnCount++;
    }
    this.#stepsOfSession += this.#stepCount;
  }

  /** Mean squared return times the number of spans in the session; NaN without returns. */
  variance(): number {
    return (this.#squares / this.#returnCount) * (this.#stepsOfSession / this.#span);
  }

  /** Repeats the last price up to a step. */
  #hold(step: number): void {
    if (step <= this.#filled) return;
    this.#prices.fill(this.#prices[this.#filled]!, this.#filled + 1, step + 1);
    this.#filled = step;
  }
}
