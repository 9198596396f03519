import type { Clock } from "../contract/definition.ts";

/**
 * Values of a column: any kind of array, with one element per row. `null` means null, text is given as strings, and
 * where the type is a bigint, whole numbers may be given as numbers.
 */
export type ColumnGiven = ArrayLike<number | bigint | string | boolean | null>;

/** The unit that a handler is called with; only the columns are required. */
export interface UnitGiven {
  /** Columns by input and name, as the function declares them, all of the same length. */
  readonly inputs: Readonly<Record<string, Readonly<Record<string, ColumnGiven>>>>;
  /** Parameters as a caller would give them. They are parsed. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** The symbol, when a unit is one symbol; `"TEST"` when left out. */
  readonly symbol?: string;
  /** The symbol of each row, when a unit is a date or the whole selection. */
  readonly symbols?: readonly string[];
  /**
   * Event time of each row: days or dates (`"2024-01-02"`), or else microseconds as bigint or times with a zone
   * (`"2024-01-02T14:30:00Z"`). Consecutive days from 2024-01-01 when left out.
   */
  readonly ts?: Int32Array | BigInt64Array | readonly string[];
  /** Number of bars the symbol has before row 0; 0 when left out. */
  readonly ordinal?: number;
  /** Differences from the default clock, which is daily bars in UTC without sessions. */
  readonly clock?: Partial<Clock>;
  /** Saved state to resume from; all zeros, as at a symbol's first bar, when left out. */
  readonly state?: Float64Array;
}
