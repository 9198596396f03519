import { defineFeature, float64, ratio } from "quiver";
import { logReturn, simpleReturn } from "quiver/kernels";
import { z } from "zod";

/**
 * Return of the close over `lag` bars.
 *
 * - `simple_return`: close / earlier close - 1.
 * - `log_return`: ln(close / earlier close).
 *
 * Both are null for a symbol's first `lag` bars, if either close is null, and if the earlier close (for the logarithm,
 * either close) is not positive. The lag counts bars, not days: a gap in the data counts as one bar.
 */
export default defineFeature({
  description: "Simple and logarithmic return of the close over a number of bars",
  source: "Campbell, Lo and MacKinlay, The Econometrics of Financial Markets, 1997, section 1.4",
  params: z.object({ lag: z.int().min(1).max(10_000).default(1).describe("bars between the two closes") }),
  inputs: { bars: { close: float64 } },
  outputs: { simple_return: ratio, log_return: ratio },
  memory: { lookBack: ({ lag }) => lag },
  handler({ bars }, out, { params }) {
    simpleReturn(bars.close, params.lag, out.simple_return);
    logReturn(bars.close, params.lag, out.log_return);
  },
});
