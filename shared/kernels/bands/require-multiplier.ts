/** Refuses a width of bands that is no finite number above 0. */
export function requireMultiplier(kernel: string, given: number): void {
  if (given > 0 && given < Infinity) return;
  throw new RangeError(`Cannot compute ${kernel}: multiplier is ${given}, expected a number above 0.`);
}
