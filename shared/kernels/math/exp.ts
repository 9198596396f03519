import { powerOfTwo } from "./float-bits.ts";
import { LN2_HIGH, LN2_LOW } from "./log-series.ts";

const INVERSE_LN2 = 1.442695040888963387;
const HALF_LN2 = 0.34657359027997264;
const OVERFLOW_ABOVE = 7.09782712893383973096e2;
const UNDERFLOW_BELOW = -7.4513321910194110842e2;

const P1 = 1.66666666666666019037e-1;
const P2 = -2.77777777770155933842e-3;
const P3 = 6.61375632143793436117e-5;
const P4 = -1.6533902205465251539e-6;
const P5 = 4.13813679705723846039e-8;

/**
 * e to the power x, the same bits on every runtime, off by less than 1 unit in the last place. Infinity above 709.78,
 * zero below -745.13; NaN gives NaN.
 *
 * `x = k * ln 2 + r` with r at most half of ln 2, in two parts; `exp(r)` by fdlibm's rational approximation. Source:
 * the method of fdlibm's e_exp.c (Sun Microsystems, 1993).
 */
export function exp(x: number): number {
  if (!(x <= OVERFLOW_ABOVE)) return x === x ? Infinity : NaN;
  if (x < UNDERFLOW_BELOW) return 0;
  if (Math.abs(x) < 2 ** -28) return 1 + x;
  if (Math.abs(x) <= HALF_LN2) {
    const c = correction(x);
    return 1 - ((x * c) / (c - 2) - x);
  }
  // Adding half with the sign of x and truncating towards zero gives the nearest whole number.
  const k = (INVERSE_LN2 * x + (x < 0 ? -0.5 : 0.5)) | 0;
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const c = correction(r);
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (k === 1024) return y * 2 * powerOfTwo(1023);
  if (k >= -1021) return y * powerOfTwo(k);
  // The result is subnormal: one exact step, then one that rounds.
  return y * powerOfTwo(k + 1000) * powerOfTwo(-1000);
}

function correction(r: number): number {
  const t = r * r;
  return r - t * (P1 + t * (P2 + t * (P3 + t * (P4 + t * P5))));
}
