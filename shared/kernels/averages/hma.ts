import { requirePeriod, requireSameLength } from "../arguments.ts";
import { firstBlock, type RollingOptions } from "../rolling/blocks.ts";
import { wma } from "./wma.ts";

/** Number of bars before its own that a value of `hma` depends on. */
export function hmaLookBack(period: number): number {
  return period + Math.floor(Math.sqrt(period)) - 2;
}

/**
 * Hull moving average: `wma(2 * wma(value, period / 2) - wma(value, period), sqrt(period))`, with both derived periods
 * rounded down.
 *
 * Warm-up: null before index `period + floor(sqrt(period)) - 2`. Nulls: null where one of these bars is null (strict).
 * Finite: look-back `hmaLookBack(period)`; bits depend on those bars and on `ordinal`, see `RollingOptions`. One
 * scratch array of the series' length. Source: A. Hull, Better Trading with the Hull Moving Average, 2005; agrees with
 * Stock.Indicators' GetHma, which rounds down where Hull did not say.
 */
export function hma(
  values: Float64Array,
  period: number,
  out: Float64Array,
  { ordinal = 0 }: RollingOptions = {},
): void {
  requirePeriod("hma", "period", period, 2);
  requireSameLength("hma", { out }, values.length);
  // Called only so that its error message names this kernel.
  firstBlock("hma", ordinal, period);
  const half = Math.floor(period / 2);
  const root = Math.floor(Math.sqrt(period));
  const raw = new Float64Array(values.length);
  wma(values, half, raw, { ordinal });
  wma(values, period, out, { ordinal });
  for (let i = 0; i < raw.length; i++) raw[i] = 2 * raw[i]! - out[i]!;
  wma(raw, root, out, { ordinal });
}
