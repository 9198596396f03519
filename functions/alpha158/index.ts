import { defineFeature, float64 } from "quiver";
import { z } from "zod";
import { barSeries } from "./bar-series.ts";
import { candleColumns } from "./candle-columns.ts";
import { changeColumns } from "./change-columns.ts";
import { ALPHA_COLUMNS, WINDOWS } from "./columns.ts";
import { rangeColumns } from "./range-columns.ts";
import { trendColumns } from "./trend-columns.ts";
import { volumeColumns } from "./volume-columns.ts";

/**
 * Alpha158 of Microsoft's Qlib: nine columns of the candle's shape, four prices relative to the close, and 29 rolling
 * groups over windows `d` of 5, 10, 20, 30 and 60 bars. Names are Qlib's in lower case, in its order; values are 32-bit
 * floats. Below, `e` is 1e-12, `c1` and `v1` are the close and volume of the bar before, and `H` and `L` are the window's
 * highest high and lowest low.
 *
 * - `kmid` (close - open) / open, `klen` (high - low) / open, `kup` (high - max(open, close)) / open, `klow`
 *   (min(open, close) - low) / open, `ksft` (2 close - high - low) / open; `kmid2`, `kup2`, `klow2` and `ksft2` divide by
 *   high - low + e instead of open
 * - `open0`, `high0`, `low0`, `vwap0`: the bar's price / close; the parameter `vwap` chooses the vwap
 * - `roc` close d bars before / close; `ma` mean close / close; `std` sample deviation of the close / close
 * - `beta` slope of the least-squares line through the closes / close, `rsqr` its R squared, `resi` the last close less
 *   the line's last point, / close
 * - `max` H / close, `min` L / close; `rsv` (close - L) / (H - L + e)
 * - `qtlu`, `qtld`: 80 % and 20 % quantile of the closes (linear) / close; `rank` the close's percentile rank among them
 * - `imax`, `imin`: place of H and of L in the window, from its oldest bar (1 / d) to the last (1); the first of equal
 *   values counts; `imxd` = imax - imin
 * - `corr` correlation of close and ln(volume + 1); `cord` of close / c1 and ln(volume / v1 + 1)
 * - `cntp`, `cntn`: share of bars whose close rose (fell); `cntd` = cntp - cntn
 * - `sump`, `sumn`: sum of rises (falls) of the close / (sum of its absolute changes + e); `sumd` = sump - sumn;
 *   `vsump`, `vsumn`, `vsumd`: the same for volume
 * - `vma` mean volume, `vstd` its sample deviation, each / (volume + e)
 * - `wvma` sample deviation / (mean + e) of |close / c1 - 1| * volume
 *
 * Nulls and differences from Qlib:
 * - Windows are strict: a column is null until there are d bars (d + 1 if it needs the bar before), and while the window
 *   holds a null. Qlib begins at the first bar (`min_periods=1`) and skips nulls inside a window.
 * - `rsqr`, `corr` and `cord` are null if one side is constant (in Qlib, if its deviation is below 2e-5, which depends on
 *   the currency); `cord` also for d bars after a bar without volume. A quotient by a price of zero is null.
 * - On a bar without volume, `vma` and `vstd` are 1e12 times the window's values, as in Qlib.
 * - `corr` changes slightly with the unit of volume, and so with splits; the other columns do not.
 */
export default defineFeature({
  description: "Qlib's Alpha158: 158 ratios of candles, trends, ranges, ranks and volume over 5 to 60 bars",
  source: "Microsoft Qlib, qlib/contrib/data/loader.py, Alpha158DL",
  params: z.object({
    vwap: z
      .enum(["typical", "column"])
      .default("typical")
      .describe("numerator of vwap0: (high + low + close) / 3, or the dataset's column vwap"),
  }),
  inputs: ({ vwap }) => ({
    bars: {
      open: float64,
      high: float64,
      low: float64,
      close: float64,
      volume: float64,
      ...(vwap === "column" ? { vwap: float64 } : {}),
    },
  }),
  outputs: ALPHA_COLUMNS,
  memory: { lookBack: Math.max(...WINDOWS) },
  handler({ bars }, out, { ordinal }) {
    const series = barSeries(bars);
    candleColumns(bars, out);
    trendColumns(series, ordinal, out);
    rangeColumns(series, out);
    changeColumns(series, ordinal, out);
    volumeColumns(series, ordinal, out);
  },
});
