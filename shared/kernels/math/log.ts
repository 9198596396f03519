import { highWord, powerOfTwo } from "./float-bits.ts";
import { LN2_HIGH, LN2_LOW, logTail } from "./log-series.ts";

const TWO_54 = 18014398509481984;

/**
 * Natural logarithm, the same bits on every runtime, off by less than 1 unit in the last place. Negative numbers
 * and NaN give NaN, zero gives -Infinity.
 *
 * `x = 2^k * (1 + f)` with `1 + f` between sqrt(1/2) and sqrt(2), then `k * ln 2 + ln(1 + f)`.
 * Source: the method of fdlibm's e_log.c (Sun Microsystems, 1993).
 */
export function log(x: number): number {
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
  // 1 if the fraction is above sqrt(2); it is then halved and the exponent increased.
  const carry = ((fraction + 0x95f64) >> 20) & 1;
  const exponent = (high >> 20) - 1023 + carry;
  const f = scaled * powerOfTwo(-exponent) - 1;
  k += exponent;
  const half = 0.5 * f * f;
  const tail = logTail(f);
  if (k === 0) return f - (half - tail);
  return k * LN2_HIGH - (half - (tail + k * LN2_LOW) - f);
}
