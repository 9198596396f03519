/** How much is measured. Only `full` says anything about speed. */
export interface Scale {
  readonly name: "full" | "quick";
  /** Symbols of the market most parts use; each has 2,020 rows on average. */
  readonly symbolCount: number;
  /** Symbols of the market that is five times as large. */
  readonly largeSymbolCount: number;
  /** Symbols of the market in which each has `evenHistory` days. */
  readonly evenSymbolCount: number;
  readonly evenHistory: number;
  /** Symbols of the market that every group goes over. */
  readonly smallSymbolCount: number;
  /** Symbols of the market of minutes; each has 3,900 rows. */
  readonly minuteSymbolCount: number;
  readonly rounds: number;
  readonly freshCalls: number;
  readonly sustainedMs: number;
  /** Bytes that each of four children touches. */
  readonly touchedBytes: number;
  readonly dayFiles: number;
  readonly symbolsPerDayFile: number;
  readonly sqlRows: number;
}

export const FULL: Scale = {
  name: "full",
  symbolCount: 5_000,
  largeSymbolCount: 25_000,
  evenSymbolCount: 800,
  evenHistory: 3_300,
  smallSymbolCount: 1_000,
  minuteSymbolCount: 500,
  rounds: 5,
  freshCalls: 1_000,
  sustainedMs: 8_000,
  touchedBytes: 2 ** 30,
  dayFiles: 2_000,
  symbolsPerDayFile: 100,
  sqlRows: 10_000_000,
};

export const QUICK: Scale = {
  name: "quick",
  symbolCount: 100,
  largeSymbolCount: 200,
  evenSymbolCount: 8,
  evenHistory: 330,
  smallSymbolCount: 20,
  minuteSymbolCount: 4,
  rounds: 1,
  freshCalls: 12,
  sustainedMs: 500,
  touchedBytes: 2 ** 20,
  dayFiles: 20,
  symbolsPerDayFile: 10,
  sqlRows: 50_000,
};
