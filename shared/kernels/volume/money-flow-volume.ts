import { requireSameLength } from "../arguments.ts";

/**
 * Volume weighted by the position of the close in the bar's range: `volume * ((close - low) - (high - close)) /
 * (high - low)`, from minus the volume (close at the low) to the volume (close at the high); 0 if high and low are
 * equal.
 *
 * Nulls: null where one of the four is null or infinite. Finite: depends on its own bar. Source: M. Chaikin's money
 * flow; agrees with Stock.Indicators' moneyFlowVolume.
 */
export function moneyFlowVolume(
  high: Float64Array,
  low: Float64Array,
  close: Float64Array,
  volume: Float64Array,
  out: Float64Array,
): void {
  requireSameLength("moneyFlowVolume", { low, close, volume, out }, high.length);
  for (let i = 0; i < high.length; i++) {
    const above = close[i]! - low[i]!;
    const below = high[i]! - close[i]!;
    const range = high[i]! - low[i]!;
    const multiplier = range === 0 ? above - above : (above - below) / range;
    const flow = multiplier * volume[i]!;
    out[i] = flow - flow === 0 ? flow : NaN;
  }
}
