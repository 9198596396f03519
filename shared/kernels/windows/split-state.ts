/** The lengths of a state's parts, by the name of the kernel or column each belongs to. */
export type StateLengths<Name extends string> = Readonly<Record<Name, number>>;

/** The total length of all parts, which a function that keeps several states declares. */
export function stateLengthOf<Name extends string>(lengths: StateLengths<Name>): number {
  return Object.values<number>(lengths).reduce((sum, length) => sum + length, 0);
}

/** Splits a state into views of its parts, in the order in which their lengths are given. */
export function splitState<Name extends string>(
  state: Float64Array,
  lengths: StateLengths<Name>,
): Readonly<Record<Name, Float64Array>> {
  const total = stateLengthOf(lengths);
  if (state.length < total) {
    throw new RangeError(`Cannot split a state: it has ${state.length} elements, expected ${total}.`);
  }
  const parts: Partial<Record<Name, Float64Array>> = {};
  let start = 0;
  for (const name in lengths) {
    parts[name] = state.subarray(start, start + lengths[name]);
    start += lengths[name];
  }
  return parts as Record<Name, Float64Array>;
}
