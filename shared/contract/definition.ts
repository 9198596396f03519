import type { z } from "zod";
import type { ArrayOf, Column, Columns, OutputsOf } from "./columns.ts";
import type { Inputs, InputViews } from "./inputs.ts";

export type ParamsSchema = z.ZodObject;
export type ParamsOf<P extends ParamsSchema> = z.output<P>;

/**
 * A fact that may depend on the parsed parameters. Written as a method's type so that a definition with
 * particular parameters is also a definition in general: the runtime only ever passes what its schema parsed.
 */
export type Resolvable<P extends ParamsSchema, T> = T | { of(params: ParamsOf<P>): T }["of"];

/**
 * How far back a value's bits reach.
 * - `{ lookBack }`: a value depends on its own bar and this many bars before it, and on nothing else; null, where
 *   parameters decide, is as if it were left out;
 * - `{ stateLength }`: recursive; everything before a bar is carried by this many doubles, saved and resumed
 *   bit for bit;
 * - left out: any bar since the symbol's first may matter, so every invocation starts there.
 */
export type Memory<P extends ParamsSchema> =
  | { readonly lookBack: Resolvable<P, number | null>; readonly stateLength?: never }
  | { readonly stateLength: Resolvable<P, number>; readonly lookBack?: never };

/** Limits of one process, enforced from outside it; what is left out takes the runtime's default. */
export interface Limits {
  readonly wallTimeMs?: number;
  /** Private memory; the shared mapping of the input does not count. */
  readonly memoryMiB?: number;
  readonly outputMiB?: number;
  /** How many processes of this function may run at once. */
  readonly concurrency?: number;
}

/** Local trading hours of the unit's dataset, as plain data that handlers can compute with. */
export interface Clock {
  readonly timezone: string;
  /** Whether a bar's time is the start or the end of what it covers. */
  readonly stamp: "start" | "end";
  /** Length of a bar; 86,400 for daily bars. */
  readonly intervalSeconds: number;
  /** Local opening intervals of a day, in minutes since local midnight: `[[570, 690], [780, 900]]`. */
  readonly sessions: readonly (readonly [openMinute: number, closeMinute: number])[];
  /** Days without trading and days that end early, in days since 1970-01-01; ascending. */
  readonly holidays: readonly number[];
  readonly halfDays: readonly { readonly date: number; readonly closeMinute: number }[];
  /** Offsets of local time from UTC in force from a moment on, ascending; the first holds before it too. */
  readonly utcOffsets: readonly { readonly fromMicros: number; readonly offsetSeconds: number }[];
}

/** What a handler knows besides its columns. */
export interface HandlerContext<P extends ParamsSchema = ParamsSchema> {
  readonly params: ParamsOf<P>;
  /** The unit's symbol; empty where the unit is a date or the whole selection. */
  readonly symbol: string;
  /** The symbol of each row where the unit is a date or the whole selection; undefined otherwise. */
  readonly symbols?: { readonly codes: Int32Array; readonly labels: readonly string[] };
  /** Event time of each row: days (daily bars) or microseconds (intraday). */
  readonly ts: Int32Array | BigInt64Array;
  /** Bars of this symbol before row 0: the absolute ordinal of row `i` is `ordinal + i`. */
  readonly ordinal: number;
  readonly rowCount: number;
  readonly clock: Clock;
  /**
   * The saved state, where the function declares one: zeros at a symbol's first bar, else what the handler
   * left here after the bar before row 0. What stands here when the handler returns is saved.
   */
  readonly state: Float64Array;
  /** Adds a warning to the outcome; the same text is counted, not repeated. */
  readonly warn: (message: string) => void;
}

interface Common<I extends Inputs, P extends ParamsSchema> {
  /** One line for the catalogue. */
  readonly description: string;
  /** Parameters with their defaults; a zod object. */
  readonly params?: P;
  /** What it reads: at least one input whose rows decide the rows of the output. */
  readonly inputs: Resolvable<P, I>;
  /** The bars it can be computed from; any when left out. Others are refused before anything runs. */
  readonly bars?: "daily" | "intraday";
  readonly limits?: Limits;
  /**
   * Let one warm process serve many invocations, one after the other; for calls that are tiny and frequent. What the
   * module keeps in its variables stays from call to call, inputs are copies, and on Deno the process can go on reading
   * the spool's row sets.
   */
  readonly reuse?: boolean;
  /**
   * A step of another function's computation that nobody wants by itself. Whatever publishes all functions leaves it out;
   * it can be invoked, published by its name, and read like any other.
   */
  readonly helper?: boolean;
  /** Names of environment variables the handler may see; none otherwise. */
  readonly environment?: readonly string[];
  /** Where the definition comes from: a paper, a book, another library's documentation. */
  readonly source?: string;
}

/** A row-aligned function: for each input row one output row. */
export interface FeatureDefinition<
  I extends Inputs = Inputs,
  P extends ParamsSchema = ParamsSchema,
  O extends Columns = Columns,
> extends Common<I, P> {
  readonly outputs: Resolvable<P, O>;
  /** A unit is one symbol's history (default) or all symbols at one time. */
  readonly partition?: "symbol" | "date";
  /** `label` for what looks ahead on purpose: kept apart from features everywhere. */
  readonly kind?: "feature" | "label";
  readonly memory?: Memory<P>;
  /** Bars until the start of history no longer matters to 1e-9 relative. */
  readonly warmUp?: Resolvable<P, number>;
  /** Called once per unit. Synchronous: it writes into `out` and returns nothing. */
  readonly handler: (inputs: InputViews<I>, out: OutputsOf<O>, context: HandlerContext<P>) => void;
}

/** Columns a table handler returns: arrays of one length; NaN and null are null. */
export type TableResult<O extends Columns> = {
  readonly [Name in keyof O]: O[Name] extends Column<infer T> ? TableColumn<T> : never;
};

type TableColumn<T extends Column["type"]> = T extends "utf8"
  ? readonly (string | null)[]
  : ArrayOf<T> | { readonly values: ArrayOf<T>; readonly valid: Uint8Array };

/** The part of an `apache-arrow` Table that a table handler's result is read through. */
export interface ArrowTable {
  readonly numRows: number;
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  getChild(name: string): { get(index: number): unknown } | null;
}

/**
 * A function of any shape: columns of a unit in, a table out. With a `ts` output it is keyed: per symbol
 * (or with a `symbol` output) sorted, unique, validated like a dataset, and can be published or be an input.
 * Without one it can be invoked only.
 */
export interface TableDefinition<
  I extends Inputs = Inputs,
  P extends ParamsSchema = ParamsSchema,
  O extends Columns = Columns,
> extends Common<I, P> {
  readonly outputs: Resolvable<P, O>;
  /** A unit is one symbol's history (default), all symbols at one time, or the whole selection. */
  readonly partition?: "symbol" | "date" | "whole";
  readonly kind?: "feature" | "label";
  readonly handler: (inputs: InputViews<I>, context: HandlerContext<P>) => TableResult<O> | ArrowTable;
}
