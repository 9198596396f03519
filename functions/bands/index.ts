import { defineFeature, float64, price, ratio } from "quiver";
import {
  bollinger,
  chandelier,
  channelWidth,
  donchian,
  envelope,
  keltner,
  resumeKernel,
  splitState,
  starc,
  stateLengthOf,
} from "quiver/kernels";
import { lookBacksOf, stateLengthsOf, warmUpOf } from "./memory.ts";
import { paramsOfBands } from "./params.ts";

/**
 * Bands and channels around the price, in one pass over high, low and close; n is the period of each, and m its
 * multiplier. ATR is Wilder's average true range.
 *
 * - `bollinger_middle`: mean of n closes; `bollinger_upper`, `bollinger_lower`: m population deviations (ddof 0) above and
 *   below it; `bollinger_percent_b`: (close - lower) / (upper - lower), null if the window's closes are all equal;
 *   `bollinger_bandwidth`: (upper - lower) / middle. Values begin at bar n - 1; null while the window holds a null.
 * - `keltner_middle`: exponential average of the close; `keltner_upper`, `keltner_lower`: m ATRs above and below it, from
 *   the later of bars n - 1 and ATR period; `keltner_width`: (upper - lower) / middle.
 * - `donchian_upper`, `donchian_lower`: highest high and lowest low of n bars; `donchian_middle`: their midpoint;
 *   `donchian_width`: (upper - lower) / middle. The window ends with the bar itself; a `donchian_lag` of 1 ends it with the
 *   bar before, as in Stock.Indicators. Values begin at bar n - 1 + lag; null while the window holds a null.
 * - `chandelier_long`: highest high of n bars, this one included, minus m ATRs over n bars; `chandelier_short`: lowest low
 *   plus m ATRs. Values begin at bar n.
 * - `starc_middle`: mean of n closes, from bar n - 1; `starc_upper`, `starc_lower`: m ATRs above and below it, from the
 *   later of bars n - 1 and ATR period.
 * - `envelope_upper`, `envelope_lower`: a percentage above and below the mean of n closes, from bar n - 1.
 *
 * The true range begins at the second bar, and its average begins with the mean of the first n ranges. A bar with a null
 * in high, low or close has no ATR, and the ATR continues as if the bar were absent. Keltner's middle treats a null close
 * in the same way.
 */
export default defineFeature({
  description: "Bollinger, Keltner, Donchian and STARC bands, envelopes, Chandelier exits",
  source:
    "Bollinger on Bollinger Bands, 2001; Keltner, 1960; Donchian; Elder, Come Into My Trading Room, 2002; Stoller",
  params: paramsOfBands,
  inputs: { bars: { high: float64, low: float64, close: float64 } },
  outputs: {
    bollinger_middle: price,
    bollinger_upper: price,
    bollinger_lower: price,
    bollinger_percent_b: ratio,
    bollinger_bandwidth: ratio,
    keltner_middle: price,
    keltner_upper: price,
    keltner_lower: price,
    keltner_width: ratio,
    donchian_middle: price,
    donchian_upper: price,
    donchian_lower: price,
    donchian_width: ratio,
    chandelier_long: price,
    chandelier_short: price,
    starc_middle: price,
    starc_upper: price,
    starc_lower: price,
    envelope_upper: price,
    envelope_lower: price,
  },
  memory: { stateLength: (params) => stateLengthOf(stateLengthsOf(params)) },
  warmUp: warmUpOf,
  handler({ bars: { high, low, close } }, out, { params, state, ordinal, rowCount }) {
    const parts = splitState(state, stateLengthsOf(params));
    const lookBacks = lookBacksOf(params);

    const bollingerOuts = [
      out.bollinger_middle,
      out.bollinger_upper,
      out.bollinger_lower,
      out.bollinger_percent_b,
      out.bollinger_bandwidth,
    ];
    resumeKernel(
      [close],
      lookBacks.bollinger,
      ordinal,
      parts.bollinger,
      bollingerOuts,
      ([closes], [middle, upper, lower, percentB, bandwidth], first) => {
        const widths = { period: params.bollinger_period, multiplier: params.bollinger_multiplier };
        bollinger(closes!, widths, middle!, upper!, lower!, {
          percentB: percentB!,
          bandwidth: bandwidth!,
          ordinal: first,
        });
      },
    );
    const donchianOuts = [out.donchian_middle, out.donchian_upper, out.donchian_lower];
    resumeKernel(
      [high, low],
      lookBacks.donchian,
      ordinal,
      parts.donchian,
      donchianOuts,
      ([highs, lows], [middle, upper, lower]) =>
        donchian(highs!, lows!, params.donchian_period, middle!, upper!, lower!, {
          lag: params.donchian_lag,
        }),
    );
    channelWidth(out.donchian_middle, out.donchian_upper, out.donchian_lower, out.donchian_width);
    const envelopeOuts = [new Float64Array(rowCount), out.envelope_upper, out.envelope_lower];
    resumeKernel(
      [close],
      lookBacks.envelope,
      ordinal,
      parts.envelope,
      envelopeOuts,
      ([closes], [middle, upper, lower], first) => {
        const widths = { period: params.envelope_period, percent: params.envelope_percent };
        envelope(closes!, widths, middle!, upper!, lower!, { ordinal: first });
      },
    );

    const keltnerParams = {
      period: params.keltner_period,
      multiplier: params.keltner_multiplier,
      atrPeriod: params.keltner_atr_period,
    };
    const keltnerState = { state: parts.keltner };
    keltner(
      high,
      low,
      close,
      keltnerParams,
      out.keltner_middle,
      out.keltner_upper,
      out.keltner_lower,
      keltnerState,
    );
    channelWidth(out.keltner_middle, out.keltner_upper, out.keltner_lower, out.keltner_width);
    const exits = { period: params.chandelier_period, multiplier: params.chandelier_multiplier };
    chandelier(high, low, close, exits, out.chandelier_long, out.chandelier_short, {
      state: parts.chandelier,
    });
    const starcParams = {
      period: params.starc_period,
      multiplier: params.starc_multiplier,
      atrPeriod: params.starc_atr_period,
    };
    const starcOptions = { ordinal, state: parts.starc };
    starc(high, low, close, starcParams, out.starc_middle, out.starc_upper, out.starc_lower, starcOptions);
  },
});
