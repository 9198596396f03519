import { defineFeature, float64, price } from "quiver";

export default defineFeature({
  description: "Highest close so far: a second function on the same columns",
  inputs: { bars: { close: float64 } },
  outputs: { highest: price },
  handler({ bars }, out) {
    let highest = -Infinity;
    for (let i = 0; i < bars.close.length; i++) {
      if (bars.close[i]! > highest) highest = bars.close[i]!;
      out.highest[i] = highest;
    }
  },
});
