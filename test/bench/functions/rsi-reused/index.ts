import { defineFeature, float64, ratio } from "quiver";
import { rsi } from "quiver/kernels";
import { z } from "zod";

export default defineFeature({
  description: "RSI in a process that is kept for the next call",
  params: z.object({ period: z.int().min(2).default(14) }),
  inputs: { bars: { close: float64 } },
  outputs: { rsi: ratio },
  reuse: true,
  handler({ bars }, out, { params }) {
    rsi(bars.close, params.period, out.rsi);
  },
});
