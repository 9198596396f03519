import { defineFeature, float64, ratio } from "quiver";

export default defineFeature({
  description: "Close over high: a third function that needs one more column",
  inputs: { bars: { close: float64, high: float64 } },
  outputs: { share: ratio },
  handler({ bars }, out) {
    for (let i = 0; i < bars.close.length; i++) out.share[i] = bars.close[i]! / bars.high[i]!;
  },
});
