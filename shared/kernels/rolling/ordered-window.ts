/**
 * Slides a sorted window by one bar and returns the position of the entering value.
 *
 * `sorted` holds `size` values from its start, including `leaving` unless that is null. A null has no position: if the
 * entering value is null, -1 is returned. Only the values between the two positions move, so a bar costs a search of
 * `log2(size)` steps and a move within the cache.
 */
export function slideSorted(sorted: Float64Array, size: number, leaving: number, entering: number): number {
  if (leaving !== leaving) {
    if (entering !== entering) return -1;
    const to = firstNotBelow(sorted, size, entering);
    sorted.copyWithin(to + 1, to, size);
    sorted[to] = entering;
    return to;
  }
  if (entering !== entering) {
    const at = firstNotBelow(sorted, size, leaving);
    sorted.copyWithin(at, at + 1, size);
    return -1;
  }
  if (size > SCAN_MAX) return slideFar(sorted, size, leaving, entering);
  return entering > leaving ? slideUp(sorted, size, leaving, entering) : slideDown(sorted, leaving, entering);
}

/** Up to this size, scanning from the end is faster than a binary search, whose branches no processor can predict. */
const SCAN_MAX = 64;

/**
 * Scans from the greatest value down to the leaving one: values greater than the entering one stay, the others move
 * down.
 */
function slideUp(sorted: Float64Array, size: number, leaving: number, entering: number): number {
  let at = size - 1;
  while (sorted[at]! > entering) at--;
  let held = entering;
  for (let k = at; ; k--) {
    const value = sorted[k]!;
    sorted[k] = held;
    if (value === leaving) return at;
    held = value;
  }
}

/**
 * Scans from the smallest value up to the leaving one: values smaller than the entering one stay, the others move up.
 */
function slideDown(sorted: Float64Array, leaving: number, entering: number): number {
  let at = 0;
  while (sorted[at]! < entering) at++;
  let held = entering;
  for (let k = at; ; k++) {
    const value = sorted[k]!;
    sorted[k] = held;
    if (value === leaving) return at;
    held = value;
  }
}

function slideFar(sorted: Float64Array, size: number, leaving: number, entering: number): number {
  const at = firstNotBelow(sorted, size, leaving);
  let to = firstNotBelow(sorted, size, entering);
  if (to > at) {
    // The leaving value lies before the position that was found.
    to--;
    sorted.copyWithin(at, at + 1, to + 1);
  } else {
    sorted.copyWithin(to + 1, to, at);
  }
  sorted[to] = entering;
  return to;
}

/** The position of the first value that is not below the given one; `size` if all are. */
function firstNotBelow(sorted: Float64Array, size: number, value: number): number {
  let from = 0;
  let to = size;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (sorted[middle]! < value) from = middle + 1;
    else to = middle;
  }
  return from;
}
