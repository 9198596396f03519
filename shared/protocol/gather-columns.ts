/** The input under which a gathering stage gets its sources and its position column. */
export const GATHER_INPUT = "source";

/** For each order of a row set, the column with the position of each of its rows in the other order. */
export const POSITION_COLUMNS = {
  "symbol-time": "time-symbol-row",
  "time-symbol": "symbol-time-row",
} as const;
