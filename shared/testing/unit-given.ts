import type { Clock } from "../contract/definition.ts";

/**
 * Values of a column: an array of any kind, one element a row. `null` is null; text is strings; whole numbers may be
 * given as numbers where the type wants bigint.
 */
export type ColumnGiven = ArrayLike<number | bigint | string | boolean | null>;

/** One unit as a handler is called with it; only the columns have to be given. */
export interface UnitGiven {
  /** Columns by input and name, as the function declares them; all of one length. */
  readonly inputs: Readonly<Record<string, Readonly<Record<string, ColumnGiven>>>>;
  /** Parameters as a caller gives them; they are parsed. */
  readonly params?: Readonly<Record<string, unknown>>;
  /** The unit's symbol, where a unit is one; `"TEST"` when left out. */
  readonly symbol?: string;
  /** The symbol of each row, where a unit is a date or the whole selection. */
  readonly symbols?: readonly string[];
  /**
   * Event time of each row: days or dates (`"2024-01-02"`), else microseconds as bigint or times with a zone
   * (`"2024-01-02T14:30:00Z"`). Consecutive days from 2024-01-01 when left out.
   */
  readonly ts?: Int32Array | BigInt64Array | readonly string[];
  /** Bars of the symbol before row 0; 0 when left out. */
  readonly ordinal?: number;
  /** Facts of the clock that differ from daily bars in UTC without sessions. */
  readonly clock?: Partial<Clock>;
  /** Saved state to go on from; all zeros, as at a symbol's first bar, when left out. */
  readonly state?: Float64Array;
}
