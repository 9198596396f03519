import { highWord, powerOfTwo } from "./float-bits.ts";
import { logTail } from "./log-series.ts";

const TWO_54 = 18014398509481984;
/** 1 / ln 10 and log10 2, each in two parts, the upper short enough for exact products. */
const INVERSE_LN10_HIGH = 4.34294481878168880939e-1;
const INVERSE_LN10_LOW = 2.50829467116452752298e-11;
const LOG10_2_HIGH = 3.01029995663611771306e-1;
const LOG10_2_LOW = 3.69423907715893078616e-13;

/**
 * Logarithm to base 10, the same bits on every runtime, off by less than 1 unit in the last place; exact for
 * powers of ten up to 10^22. Negative numbers and NaN give NaN, zero gives -Infinity.
 *
 * As `log`, with the sum kept in two parts until the last addition.
 * Source: the method of FreeBSD's e_log10.c and k_log.h, after fdlibm (Sun Microsystems, 1993).
 */
export function log10(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let k = 0;
  let scaled = x;
  if (x < 2.2250738585072014e-308) {
    k = -54;
    scaled = x * TWO_54;
  }
  const high = highWord(scaled);
  const fraction = high & 0xfffff;
  const carry = ((fraction + 0x95f64) >> 20) & 1;
  const exponent = (high >> 20) - 1023 + carry;
  const f = scaled * powerOfTwo(-exponent) - 1;
  k += exponent;
  const half = 0.5 * f * f;
  const upper = upperBits(f - half);
  const lower = f - upper - half + logTail(f);
  const fromFraction = upper * INVERSE_LN10_HIGH;
  const fromExponent = k * LOG10_2_HIGH;
  const sum = fromExponent + fromFraction;
  const rest = k * LOG10_2_LOW + (lower + upper) * INVERSE_LN10_LOW + lower * INVERSE_LN10_HIGH;
  return rest + (fromExponent - sum + fromFraction) + sum;
}

/** The first 21 bits (Veltkamp's splitting), whose product with a 31-bit constant is exact. */
function upperBits(value: number): number {
  const scaled = value * 4294967297;
  return scaled - (scaled - value);
}
