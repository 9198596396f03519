import { requirePeriod, requireSameLength } from "../arguments.ts";
import { rollingMax } from "../rolling/rolling-max.ts";
import { rollingMin } from "../rolling/rolling-min.ts";

export interface IchimokuParams {
  /** Number of bars of the conversion line, usually 9. */
  readonly tenkan: number;
  /** Number of bars of the base line, usually 26. */
  readonly kijun: number;
  /** Number of bars of the slow span, usually 52. */
  readonly senkou: number;
}

/** The outputs of `ichimoku`, all as long as the inputs. */
export interface IchimokuOutputs {
  readonly tenkan: Float64Array;
  readonly kijun: Float64Array;
  readonly senkouA: Float64Array;
  readonly senkouB: Float64Array;
}

/**
 * Ichimoku's lines as they are known at the bar, without displacement: `tenkan`, `kijun` and `senkouB` are the middle
 * `(highest high + lowest low) / 2` of their windows, and `senkouA = (tenkan + kijun) / 2`.
 *
 * A chart draws the two spans `kijun` bars later, so what it shows at bar `t` is `senkou[t - kijun]` here. The chikou
 * span is a future close and therefore not a feature. Warm-up: null before the last index of each window, `senkouA`
 * with the longer of its two; look-back `max(tenkan, kijun, senkou) - 1`. Nulls: null where the window holds one
 * (strict). Finite: bits depend on the windows alone. One scratch array per call. Source: G. Hosoda, Ichimoku Kinko
 * Hyo, 1969; agrees with Stock.Indicators' GetIchimoku.
 */
export function ichimoku(
  high: Float64Array,
  low: Float64Array,
  params: IchimokuParams,
  out: IchimokuOutputs,
): void {
  requireSameLength("ichimoku", { low, ...out }, high.length);
  const lowest = new Float64Array(high.length);
  for (const [name, period, middle] of [
    ["tenkan", params.tenkan, out.tenkan],
    ["kijun", params.kijun, out.kijun],
    ["senkou", params.senkou, out.senkouB],
  ] as const) {
    requirePeriod("ichimoku", name, period);
    rollingMax(high, period, middle);
    rollingMin(low, period, lowest);
    for (let i = 0; i < high.length; i++) middle[i] = (middle[i]! + lowest[i]!) / 2;
  }
  for (let i = 0; i < high.length; i++) out.senkouA[i] = (out.tenkan[i]! + out.kijun[i]!) / 2;
}
