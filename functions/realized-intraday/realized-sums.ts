import { log } from "quiver/kernels";

/** Sums over the returns of one session. */
export class RealizedSums {
  count = 0;
  #squares = 0;
  #cubes = 0;
  #fourths = 0;
  #products = 0;
  #sizeBefore = NaN;

  /** Adds the return from one price to another. */
  add(from: number, to: number): void {
    const value = log(to / from);
    const square = value * value;
    this.count++;
    this.#squares += square;
    this.#cubes += square * value;
    this.#fourths += square * square;
    const size = Math.abs(value);
    if (this.count > 1) this.#products += size * this.#sizeBefore;
    this.#sizeBefore = size;
  }

  variance(): number {
    return this.count > 0 ? this.#squares : NaN;
  }

  bipower(): number {
    return this.count > 1 ? HALF_PI * this.#products : NaN;
  }

  /** NaN if nothing moved: zero by zero. */
  skewness(): number {
    return (Math.sqrt(this.count) * this.#cubes) / (this.#squares * Math.sqrt(this.#squares));
  }

  kurtosis(): number {
    return (this.count * this.#fourths) / (this.#squares * this.#squares);
  }
}

const HALF_PI = 1.5707963267948966;
