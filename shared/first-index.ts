/**
 * Binary search: the first index from `low` on, before `high`, at which `isReached` is true; `high` if there is none.
 * Once `isReached` is true, it must be true for all later indices.
 */
export function firstIndex(low: number, high: number, isReached: (index: number) => boolean): number {
  let from = low;
  let end = high;
  while (from < end) {
    const middle = (from + end) >>> 1;
    if (isReached(middle)) end = middle;
    else from = middle + 1;
  }
  return from;
}
