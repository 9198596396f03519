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
 * Alpha158 of Microsoft's Qlib: nine columns of the candle's shape, four prices against the close, and 29 rolling groups
 * over windows `d` of 5, 10, 20, 30 and 60 bars; names as Qlib's in lower case, in its order, as 32-bit floats.
 * `e` is 1e-12, `c1` and `v1` the close and volume of the bar before, `H` and `L` the window's highest high and lowest
 * low.
 *
 * - `kmid` (close - open) / open, `klen` (high - low) / open, `kup` (high - max(open, close)) / open, `klow`
 *   (min(open, close) - low) / open, `ksft` (2 close - high - low) / open; `kmid2`, `kup2`, `klow2` and `ksft2` divide by
 *   high - low + e instead of open
 * - `open0`, `high0`, `low0`, `vwap0`: the bar's price / close; `vwap` says which vwap
 * - `roc` close d bars before / close; `ma` mean close / close; `std` sample deviation of the close / close
 * - `beta` slope of the least-squares line through the closes / close, `rsqr` its R squared, `resi` the last close less
 *   the line's last point, / close
 * - `max` H / close, `min` L / close; `rsv` (close - L) / (H - L + e)
 * - `qtlu`, `qtld`: 80 % and 20 % quantile of the closes (linear) / close; `rank` the close's percentile rank among them
 * - `imax`, `imin`: place of H and of L in the window, counted from its oldest bar (1 / d) to the last (1), the first of
 *   equal ones; `imxd` = imax - imin
 * - `corr` correlation of close and ln(volume + 1); `cord` of close / c1 and ln(volume / v1 + 1)
 * - `cntp`, `cntn`: share of bars whose close rose, fell; `cntd` = cntp - cntn
 * - `sump`, `sumn`: sum of rises, of falls of the close / (sum of its absolute changes + e); `sumd` = sump - sumn;
 *   `vsump`, `vsumn`, `vsumd`: the same of the volume
 * - `vma` mean volume, `vstd` its sample deviation, each / (volume + e)
 * - `wvma` sample deviation / (mean + e) of |close / c1 - 1| * volume
 *
 * Windows are strict: null until d bars (d + 1 where a bar before is needed) are there, and where one of them is null.
 * Qlib begins at the first bar with whatever is there (`min_periods=1`), and leaves out nulls inside a window. `rsqr`,
 * `corr` and `cord` are null where one side does not move at all (Qlib: where its deviation is below 2e-5, which depends
 * on the currency), and `cord` within d bars after a bar without volume. What a price of zero would divide is null. A bar
 * without volume has a `vma` and `vstd` of 1e12 times the window's, as in Qlib. `corr` changes a little with the unit of
 * volume, and so with splits; the others do not.
 */
export default defineFeature({
  description: "Qlib's Alpha158: 158 ratios of candles, trends, ranges, ranks and volume over 5 to 60 bars",
  source: "Microsoft Qlib, qlib/contrib/data/loader.py, Alpha158DL",
  params: z.object({
    vwap: z
      .enum(["typical", "column"])
      .default("typical")
      .describe("what vwap0 divides: (high + low + close) / 3, or the dataset's column vwap"),
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
