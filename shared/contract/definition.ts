import type { z } from "zod";
import type { ArrayOf, Column, Columns, OutputsOf } from "./columns.ts";
import type { Inputs, InputViews } from "./inputs.ts";

export type ParamsSchema = z.ZodObject;
export type ParamsOf<P extends ParamsSchema> = z.output<P>;

/**
 * A value that may depend on the parsed parameters. The function form is typed as a method so that a definition with
 * specific parameters is still assignable to the general type; the runtime only ever passes what the schema parsed.
 */
export type Resolvable<P extends ParamsSchema, T> = T | { of(params: ParamsOf<P>): T }["of"];

/**
 * How far back a value depends on earlier bars.
 * - `{ lookBack }`: a value depends only on its own bar and on this many bars before it. `null` (when parameters
 *   decide) means the same as leaving `memory` out;
 * - `{ stateLength }`: the function is recursive. This many doubles carry everything it needs from earlier bars; they
 *   are saved, and a later run resumes from them bit for bit;
 * - left out: a value may depend on any bar since the symbol's first, so every invocation starts there.
 */
export type Memory<P extends ParamsSchema> =
  | { readonly lookBack: Resolvable<P, number | null>; readonly stateLength?: never }
  | { readonly stateLength: Resolvable<P, number>; readonly lookBack?: never };

/** Limits of one process, enforced from outside it. A limit that is left out takes the runtime's default. */
export interface Limits {
  /** Wall time of one process. */
  readonly wallTimeMs?: number;
  /** Private memory. The shared mapping of the input does not count. */
  readonly memoryMiB?: number;
  /** Size of everything one process writes. */
  readonly outputMiB?: number;
  /** How many processes of this function may run at the same time. */
  readonly concurrency?: number;
}

/** Trading hours of the dataset in local time, as plain data that a handler can compute with. */
export interface Clock {
  /** IANA name, such as `America/New_York`. */
  readonly timezone: string;
  /** Whether a bar's time is the start or the end of its interval. */
  readonly stamp: "start" | "end";
  /** Length of a bar in seconds; 86,400 for daily bars. */
  readonly intervalSeconds: number;
  /** Trading sessions of a regular day, in minutes since local midnight: `[[570, 690], [780, 900]]`. */
  readonly sessions: readonly (readonly [openMinute: number, closeMinute: number])[];
  /** Days without trading and days that close early, in days since 1970-01-01, ascending. */
  readonly holidays: readonly number[];
  readonly halfDays: readonly { readonly date: number; readonly closeMinute: number }[];
  /**
   * Offsets of local time from UTC, each valid from `fromMicros` on, ascending. The first also applies to earlier
   * times.
   */
  readonly utcOffsets: readonly { readonly fromMicros: number; readonly offsetSeconds: number }[];
}

/** What a handler receives besides its columns. */
export interface HandlerContext<P extends ParamsSchema = ParamsSchema> {
  /** The parsed parameters. They are frozen. */
  readonly params: ParamsOf<P>;
  /** The unit's symbol; empty when the unit is a date or the whole selection. */
  readonly symbol: string;
  /** The symbol of each row when the unit is a date or the whole selection; undefined otherwise. */
  readonly symbols?: { readonly codes: Int32Array; readonly labels: readonly string[] };
  /**
   * Event time of each row: days since 1970-01-01 for daily bars, microseconds since 1970-01-01T00:00Z for intraday
   * bars.
   */
  readonly ts: Int32Array | BigInt64Array;
  /** Number of bars this symbol has before row 0, so the absolute ordinal of row `i` is `ordinal + i`. */
  readonly ordinal: number;
  /** Number of rows of the unit, look-back rows included. */
  readonly rowCount: number;
  /** Trading hours and time zone of the dataset. */
  readonly clock: Clock;
  /**
   * The saved state, if the function declares one: all zeros at the symbol's first bar, otherwise what the handler
   * left in it after the bar before row 0. Its contents are saved when the handler returns.
   */
  readonly state: Float64Array;
  /** Adds a warning to the invocation's outcome. Repeated messages are counted, not listed again. */
  readonly warn: (message: string) => void;
}

interface Common<I extends Inputs, P extends ParamsSchema> {
  /** One line for the catalogue. */
  readonly description: string;
  /** The parameters and their defaults, as a zod object. */
  readonly params?: P;
  /** What the function reads: at least one input whose rows determine the rows of the output. */
  readonly inputs: Resolvable<P, I>;
  /**
   * The bars the function works on; any when left out. An invocation on other bars is refused before anything runs.
   */
  readonly bars?: "daily" | "intraday";
  readonly limits?: Limits;
  /**
   * Lets one warm process serve many invocations, one after the other; meant for small, frequent calls. Module
   * variables keep their values between calls, inputs are copies, and on Deno the process keeps its read access to the
   * spool's row sets.
   */
  readonly reuse?: boolean;
  /**
   * Marks an intermediate step of another function that is of no interest by itself. Publishing all functions skips
   * it; it can still be invoked, published by name, and read like any other function.
   */
  readonly helper?: boolean;
  /** Names of the environment variables the handler may read; none when left out. */
  readonly environment?: readonly string[];
  /** Where the definition comes from: a paper, a book, another library's documentation. */
  readonly source?: string;
}

/** A row-aligned function: one output row for each input row. */
export interface FeatureDefinition<
  I extends Inputs = Inputs,
  P extends ParamsSchema = ParamsSchema,
  O extends Columns = Columns,
> extends Common<I, P> {
  /** The columns the handler writes, each with its type and unit. */
  readonly outputs: Resolvable<P, O>;
  /** A unit is the history of one symbol (default) or all symbols at one time. */
  readonly partition?: "symbol" | "date";
  /** Use `label` for a function that looks ahead on purpose. Labels are kept apart from features everywhere. */
  readonly kind?: "feature" | "label";
  /** How far back values depend on earlier bars; on the symbol's whole history when left out. */
  readonly memory?: Memory<P>;
  /** Number of bars after which the start of the history affects values by less than 1e-9 (relative). */
  readonly warmUp?: Resolvable<P, number>;
  /** Called once per unit. It must be synchronous, write its results into `out` and return nothing. */
  readonly handler: (inputs: InputViews<I>, out: OutputsOf<O>, context: HandlerContext<P>) => void;
}

/** The columns a table handler returns: arrays of equal length. NaN and null mean null. */
export type TableResult<O extends Columns> = {
  readonly [Name in keyof O]: O[Name] extends Column<infer T> ? TableColumn<T> : never;
};

type TableColumn<T extends Column["type"]> = T extends "utf8"
  ? readonly (string | null)[]
  : ArrayOf<T> | { readonly values: ArrayOf<T>; readonly valid: Uint8Array };

/** The part of an `apache-arrow` Table through which a table handler's result is read. */
export interface ArrowTable {
  readonly numRows: number;
  readonly schema: { readonly fields: readonly { readonly name: string }[] };
  getChild(name: string): { get(index: number): unknown } | null;
}

/**
 * A function of any shape: the columns of a unit in, a table out. A result with a `ts` output is keyed: its rows must
 * be unique and in time order per symbol, it is validated like a dataset, and it can be published or serve as an
 * input. A result without `ts` can only be invoked.
 */
export interface TableDefinition<
  I extends Inputs = Inputs,
  P extends ParamsSchema = ParamsSchema,
  O extends Columns = Columns,
> extends Common<I, P> {
  /** The columns of the returned table. `symbol` and `ts` are its keys. */
  readonly outputs: Resolvable<P, O>;
  /** A unit is the history of one symbol (default), all symbols at one time, or the whole selection. */
  readonly partition?: "symbol" | "date" | "whole";
  /** Use `label` for a function that looks ahead on purpose. Labels are kept apart from features everywhere. */
  readonly kind?: "feature" | "label";
  /** Called once per unit. It must be synchronous and return the unit's table. */
  readonly handler: (inputs: InputViews<I>, context: HandlerContext<P>) => TableResult<O> | ArrowTable;
}
