/**
 * Slides a window kept in ascending order by one bar, and gives the place at which the new value now stands.
 *
 * `sorted` holds `size` values from its beginning, `leaving` among them unless it is null; neither a null that enters
 * nor one that leaves has a place (-1 is given for one that enters). Only the values between the two places move, so
 * a bar costs a search of `log2(size)` steps and a move within the cache.
 */
export function slideSorted(sorted: Float64Array, size: number, leaving: number, entering: number): number {
  if (leaving !== leaving) {
    if (entering !== entering) return -1;
    const to = firstNotBelow(sorted, size, entering);
    sorted.copyWithin(to + 1, to, size);
    sorted[to] = entering;
    return to;
  }
  let at = firstNotBelow(sorted, size, leaving);
  if (entering !== entering) {
    sorted.copyWithin(at, at + 1, size);
    return -1;
  }
  if (size > SHIFT_MAX) return slideFar(sorted, size, at, entering);
  if (entering > leaving) {
    for (const last = size - 1; at < last && sorted[at + 1]! < entering; at++) sorted[at] = sorted[at + 1]!;
  } else {
    for (; at > 0 && sorted[at - 1]! > entering; at--) sorted[at] = sorted[at - 1]!;
  }
  sorted[at] = entering;
  return at;
}

/** Up to this many values moving them one by one is faster than to call `copyWithin`. */
const SHIFT_MAX = 128;

function slideFar(sorted: Float64Array, size: number, at: number, entering: number): number {
  let to = firstNotBelow(sorted, size, entering);
  if (to > at) {
    // The value that leaves stands before the place that was found.
    to--;
    sorted.copyWithin(at, at + 1, to + 1);
  } else {
    sorted.copyWithin(to + 1, to, at);
  }
  sorted[to] = entering;
  return to;
}

/** Place of the first value that is not below the given one; `size` when all are. */
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
