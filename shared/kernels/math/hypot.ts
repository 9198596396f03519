/** 2^27 + 1: splits a double into two halves whose products are exact (Veltkamp). */
const SPLIT = 134217729;

/**
 * `sqrt(x * x + y * y)` without intermediate overflow or underflow, the same bits on every runtime, off by less than 1
 * unit in the last place. An infinite argument gives Infinity, else NaN gives NaN.
 *
 * The squares are summed exactly in two parts before the root is taken. Source: the method of musl's hypot.c, with the
 * exact product of T. J. Dekker, 1971.
 */
export function hypot(x: number, y: number): number {
  const a = Math.abs(x);
  const b = Math.abs(y);
  if (a === Infinity || b === Infinity) return Infinity;
  if (a !== a || b !== b) return NaN;
  const large = a > b ? a : b;
  const small = a > b ? b : a;
  // Beyond 64 binary digits the smaller value does not matter.
  if (small === 0 || large > small * 18446744073709551616) return large + small;
  if (large > 2 ** 510) return 2 ** 700 * rootOfSquares(large * 2 ** -700, small * 2 ** -700);
  if (small < 2 ** -450) return 2 ** -700 * rootOfSquares(large * 2 ** 700, small * 2 ** 700);
  return rootOfSquares(large, small);
}

function rootOfSquares(large: number, small: number): number {
  const l = large * large;
  const s = small * small;
  return Math.sqrt(squareRest(small, s) + squareRest(large, l) + s + l);
}

/** The rounding error of `x * x`. */
function squareRest(x: number, square: number): number {
  const scaled = x * SPLIT;
  const high = x - scaled + scaled;
  const low = x - high;
  return high * high - square + 2 * high * low + low * low;
}
