import { log } from "../math/log.ts";

/** `ln(a / b)` of two prices; NaN where one of them is null, infinite or not positive. */
export function logRatio(a: number, b: number): number {
  return a > 0 && b > 0 && a < Infinity && b < Infinity ? log(a / b) : NaN;
}
