import type { ColumnArray } from "../../shared/arrow/index.ts";
import type { HandlerContext } from "../../shared/contract/definition.ts";
import type { Inputs, InputViews } from "../../shared/contract/inputs.ts";
import { firstIndex } from "../../shared/first-index.ts";
import { deepFreeze } from "../../shared/handler/deep-freeze.ts";
import type { WarningCounts } from "../../shared/handler/warning-counts.ts";
import type { RunMessage, UnitRanges } from "../../shared/protocol/child-message.ts";
import { formatDate, formatInstant } from "../../shared/time/index.ts";
import {
  mapColumn,
  type MappedColumn,
  type MappedFiles,
  type MappedSlice,
  sliceRuns,
  viewOf,
} from "./bind-columns.ts";
import type { ChildContext } from "./child-context.ts";
import { openResumedUnits, type ResumedUnits } from "./resumed-units.ts";
import { type SettledUnits, splitUnits } from "./split-units.ts";

/** Maps a run's files and provides each unit's views. Created before privileges are dropped, used afterwards. */
export class UnitReader {
  readonly #message: RunMessage;
  readonly #ts: MappedColumn;
  readonly #symbolCodes: MappedColumn | null;
  readonly #columns: readonly MappedColumn[];
  readonly #warnings: WarningCounts;
  readonly #state: Float64Array;
  /** What units resume from; null if all of them are new. */
  readonly resume: ResumedUnits | null;
  /** The units of the message, split where settled rows end if the state is saved there. */
  readonly units: UnitRanges;
  /** The number of settled output rows of each unit; all of them if the message does not say. */
  readonly settledRows: readonly number[];

  constructor(message: RunMessage, child: ChildContext, warnings: WarningCounts) {
    const files: MappedFiles = { byPath: new Map(), copies: message.outFolder !== null };
    this.#message = message;
    this.#ts = mapColumn(message.ts, child, files);
    this.#symbolCodes = message.symbolCodes === null ? null : mapColumn(message.symbolCodes, child, files);
    this.#columns = message.columns.map((binding) => mapColumn(binding.parts, child, files));
    this.#warnings = warnings;
    this.#state = new Float64Array(message.stateLength);
    this.resume = openResumedUnits(message.sink, child);
    const { units, settledRows } = this.#settle(message);
    this.units = units;
    this.settledRows = settledRows;
    // Every unit's handler call receives these same objects.
    deepFreeze(message.symbols);
    deepFreeze(message.clock);
  }

  inputs(unit: number): InputViews<Inputs> {
    const { columns } = this.#message;
    const views: Record<string, Record<string, unknown>> = {};
    columns.forEach((binding, i) => {
      (views[binding.input] ??= {})[binding.column] = viewOf(binding, this.#slice(this.#columns[i]!, unit));
    });
    // The bindings were planned from the declared inputs, which is what this type says.
    return views as InputViews<Inputs>;
  }

  context(unit: number, params: Readonly<Record<string, unknown>>): HandlerContext {
    const { symbols, clock } = this.#message;
    const { units } = this;
    const ts = timesOf(this.#slice(this.#ts, unit));
    const codes = this.#codesOf(unit);
    if (!this.#goesOn(unit)) {
      this.#state.fill(0);
      const saved = this.resume?.stateOf(symbols[units.symbol[unit]!] ?? "");
      if (saved !== undefined) this.#state.set(saved);
    }
    return {
      params,
      symbol: symbols[units.symbol[unit]!] ?? "",
      ...(codes instanceof Int32Array ? { symbols: { codes, labels: symbols } } : {}),
      ts,
      ordinal: units.ordinal[unit]!,
      rowCount: ts.length,
      clock,
      state: this.#state,
      warn: (text) => this.#warnings.add(text),
    };
  }

  /**
   * The event times of the given number of output rows of each unit from `first` to `end`: a view if they are
   * adjacent, otherwise a copy.
   */
  outputTimes(
    first: number,
    end: number,
    rowCount: number,
    rowsOf: readonly number[] = this.units.outputRowCount,
  ): Int32Array | BigInt64Array {
    const { tsType } = this.#message;
    const { units } = this;
    if (this.#isContiguous(first, end, rowsOf)) {
      return this.#times(units.firstRow[first]! + units.skip[first]!, rowCount);
    }
    const copy = tsType === "date32" ? new Int32Array(rowCount) : new BigInt64Array(rowCount);
    let row = 0;
    for (let unit = first; unit < end; unit++) {
      const kept = rowsOf[unit]!;
      const times = this.#times(units.firstRow[unit]! + units.skip[unit]!, kept);
      if (copy instanceof Int32Array && times instanceof Int32Array) copy.set(times, row);
      else if (copy instanceof BigInt64Array && times instanceof BigInt64Array) copy.set(times, row);
      row += kept;
    }
    return copy;
  }

  /** The event times of a unit's output rows after the settled ones. */
  lateTimes(unit: number): Int32Array | BigInt64Array {
    const { firstRow, skip, outputRowCount } = this.units;
    const settled = this.settledRows[unit]!;
    return this.#times(firstRow[unit]! + skip[unit]! + settled, outputRowCount[unit]! - settled);
  }

  /** A bound column by name, for the built-in function that reads rows in arbitrary order. */
  column(input: string, name: string): MappedColumn {
    const index = this.#message.columns.findIndex(
      (binding) => binding.input === input && binding.column === name,
    );
    const column = this.#columns[index];
    if (column === undefined) throw new Error(`Column ${input}.${name} is not bound: the plan is wrong`);
    return column;
  }

  /** Describes the unit in an error message. */
  nameOf(unit: number): string {
    const { symbols, partition, tsType } = this.#message;
    const { units } = this;
    const symbol = symbols[units.symbol[unit]!];
    if (symbol !== undefined) return `symbol ${JSON.stringify(symbol)}`;
    if (partition === "whole") return "the whole selection";
    const time = Number(this.#times(units.firstRow[unit]!, 1)[0]);
    return tsType === "date32" ? `date ${formatDate(time)}` : `time ${formatInstant(time)}`;
  }

  /** The rows of a unit in a column. */
  #slice(column: MappedColumn, unit: number): MappedSlice {
    const { symbolRuns } = this.#message;
    const { units } = this;
    if (symbolRuns !== null) return sliceRuns(column, symbolRuns);
    return column.slice(units.firstRow[unit]!, units.rowCount[unit]!);
  }

  #codesOf(unit: number): ColumnArray | undefined {
    const { symbolRuns } = this.#message;
    if (symbolRuns === null) {
      return this.#symbolCodes === null ? undefined : this.#slice(this.#symbolCodes, unit).values;
    }
    const codes = new Int32Array(symbolRuns.rowCount.reduce((sum, rows) => sum + rows, 0));
    let row = 0;
    symbolRuns.rowCount.forEach((rows, i) => codes.fill(symbolRuns.symbol[i]!, row, (row += rows)));
    return codes;
  }

  #times(firstRow: number, rowCount: number): Int32Array | BigInt64Array {
    return timesOf(this.#ts.slice(firstRow, rowCount));
  }

  #settle(message: RunMessage): SettledUnits {
    const { sink, units, module, stateLength } = message;
    const until = sink.kind === "parquet" ? (sink.settledUntil ?? null) : null;
    if (until === null) return { units, settledRows: units.outputRowCount };
    const settledRows = units.outputRowCount.map((rows, unit) =>
      rowsUntil(this.#times(units.firstRow[unit]! + units.skip[unit]!, rows), until),
    );
    // A handler without state returns all rows of a unit at once.
    if (module !== null && stateLength === 0) return { units, settledRows };
    return splitUnits(units, settledRows, { apart: module === null });
  }

  /** Whether a unit is the second half of the previous one. */
  #goesOn(unit: number): boolean {
    return this.units !== this.#message.units && this.units.symbol[unit] === this.units.symbol[unit - 1];
  }

  #isContiguous(first: number, end: number, rowsOf: readonly number[]): boolean {
    const { units } = this;
    const parts = this.#message.ts;
    for (let unit = first; unit < end; unit++) {
      if (unit > first && units.skip[unit] !== 0) return false;
      const isLast = unit === end - 1;
      const endRow = units.firstRow[unit]! + units.skip[unit]! + rowsOf[unit]!;
      if (!isLast && endRow !== units.firstRow[unit + 1]!) return false;
    }
    // One view cannot span two mapped files.
    const firstRow = units.firstRow[first]!;
    const lastRow = units.firstRow[end - 1]! + units.rowCount[end - 1]!;
    return parts.some((part) => firstRow >= part.firstRow && lastRow <= part.firstRow + part.rowCount);
  }
}

/** The number of these ascending times that are not later. */
function rowsUntil(ts: Int32Array | BigInt64Array, until: number): number {
  return firstIndex(0, ts.length, (row) => Number(ts[row]) > until);
}

function timesOf({ values }: MappedSlice): Int32Array | BigInt64Array {
  if (values instanceof Int32Array || values instanceof BigInt64Array) return values;
  throw new Error("Event times are neither dates nor timestamps: the plan is wrong");
}
