/** Refuses a period that is not a whole number of bars of at least `least`. */
export function requirePeriod(kernel: string, name: string, given: number, least = 1): void {
  if (Number.isSafeInteger(given) && given >= least) return;
  throw new RangeError(
    `Cannot compute ${kernel}: ${name} is ${given}, expected a whole number of bars, at least ${least}.`,
  );
}

/** Refuses a band multiplier that is not a finite number above 0. */
export function requireMultiplier(kernel: string, given: number): void {
  if (given > 0 && given < Infinity) return;
  throw new RangeError(`Cannot compute ${kernel}: multiplier is ${given}, expected a number above 0.`);
}

/** Refuses columns and outputs whose length differs from the first argument's, and names the culprit. */
export function requireSameLength(
  kernel: string,
  arrays: Readonly<Record<string, Float64Array | undefined>>,
  length: number,
): void {
  // `for … in` rather than entries: a kernel is called thousands of times on a few hundred bars, and creating the
  // pairs took a tenth of that time.
  for (const name in arrays) {
    const array = arrays[name];
    if (array === undefined || array.length === length) continue;
    throw new RangeError(
      `Cannot compute ${kernel}: ${name} has ${array.length} elements, expected ${length} as in the first argument.`,
    );
  }
}

/** The given state, or a new one when the caller keeps none. Refuses a state that is too short. */
export function stateOrFresh(kernel: string, state: Float64Array | undefined, length: number): Float64Array {
  if (state === undefined) return new Float64Array(length);
  if (state.length >= length) return state;
  throw new RangeError(`Cannot compute ${kernel}: state has ${state.length} elements, expected ${length}.`);
}
