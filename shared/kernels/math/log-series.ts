/** ln 2 in two parts: the upper has few enough bits that its product with an exponent is exact. */
export const LN2_HIGH = 6.9314718036912381649e-1;
export const LN2_LOW = 1.90821492927058770002e-10;

const L1 = 6.66666666666673513e-1;
const L2 = 3.999999999940941908e-1;
const L3 = 2.857142874366239149e-1;
const L4 = 2.222219843214978396e-1;
const L5 = 1.818357216161805012e-1;
const L6 = 1.531383769920937332e-1;
const L7 = 1.479819860511658591e-1;

/**
 * The part of `ln(1 + f)` beyond `f - f * f / 2`, for `1 + f` between sqrt(1/2) and sqrt(2). With `s = f / (2 + f)` it
 * is `s * (f * f / 2 + R(s * s))`, where R is the polynomial of fdlibm, off by less than 2^-58.
 */
export function logTail(f: number): number {
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (L2 + w * (L4 + w * L6));
  const odd = z * (L1 + w * (L3 + w * (L5 + w * L7)));
  return s * (0.5 * f * f + (odd + even));
}
