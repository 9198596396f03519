/** What the project ships; whatever else lies in `functions/` is its user's, and no test may stumble over it. */
export const SHIPPED_FUNCTIONS = ["adjusted-bars", "resample", "returns", "rsi-macd"] as const;
