/** What the project ships; whatever else lies in `functions/` is its user's, and no test may stumble over it. */
export const SHIPPED_FUNCTIONS = [
  "adjusted-bars",
  "alpha101",
  "alpha101-ranks",
  "alpha101-reranks",
  "alpha101-series",
  "alpha101-terms",
  "alpha158",
  "bands",
  "calendar",
  "candles",
  "cross-section",
  "frac-diff",
  "labels",
  "market-model",
  "moving-averages",
  "oscillators",
  "realized-intraday",
  "relative-volume",
  "resample",
  "returns",
  "rsi-macd",
  "trend",
  "volatility",
  "volume-liquidity",
] as const;

/** Enough of them for tests of the application, which would describe each. */
export const SOME_FUNCTIONS = ["adjusted-bars", "resample", "returns", "rsi-macd"] as const;
