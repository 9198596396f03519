import { defineFeature, float64, price } from "quiver";
import { ema } from "quiver/kernels";
import { z } from "zod";

export default defineFeature({
  description: "Exponential average of the close: the first function on its columns",
  params: z.object({ period: z.int().min(2).default(20) }),
  inputs: { bars: { close: float64 } },
  outputs: { ema: price },
  handler({ bars }, out, { params }) {
    ema(bars.close, params.period, out.ema);
  },
});
