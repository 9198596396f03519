/** Input under which the gatherer's sources and its position column are bound. */
export const GATHER_INPUT = "source";

/** Columns of a row set, by its order, that say where each of its rows stands in the other order. */
export const POSITION_COLUMNS = {
  "symbol-time": "time-symbol-row",
  "time-symbol": "symbol-time-row",
} as const;
