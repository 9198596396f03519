import { highWord, powerOfTwo } from "./float-bits.ts";
import { LN2_HIGH, LN2_LOW, logTail } from "./log-series.ts";

/**
 * `ln(1 + x)`, accurate for small x, with the same bits on every runtime, off by less than 1 unit in the last place.
 * NaN below -1 and for NaN, -Infinity at -1.
 *
 * `1 + x` is rounded, and the rounding error is added back in proportion. Source: the method of fdlibm's s_log1p.c
 * (Sun Microsystems, 1993).
 */
export function log1p(x: number): number {
  if (!(x > -1)) return x === -1 ? -Infinity : NaN;
  if (x === Infinity) return x;
  if (Math.abs(x) < 2 ** -29) return Math.abs(x) < 2 ** -54 ? x : x - x * x * 0.5;
  // 1 + x lies between sqrt(1/2) and sqrt(2): there is nothing to reduce and nothing is lost.
  if (x > -0.2928932188134524 && x < 0.41421356237309503) return x - (0.5 * x * x - logTail(x));
  const sum = 1 + x;
  const high = highWord(sum);
  const fraction = high & 0xfffff;
  const carry = fraction < 0x6a09e ? 0 : 1;
  const k = (high >> 20) - 1023 + carry;
  const lost = x >= 2 ** 53 ? 0 : (k > carry ? 1 - (sum - x) : x - (sum - 1)) / sum;
  const f = sum * powerOfTwo(-k) - 1;
  return k * LN2_HIGH - (0.5 * f * f - (logTail(f) + (k * LN2_LOW + lost)) - f);
}
