import type { ColumnArray } from "../../shared/arrow/index.ts";
import type { HandlerContext } from "../../shared/contract/definition.ts";
import type { Inputs, InputViews } from "../../shared/contract/inputs.ts";
import { deepFreeze } from "../../shared/handler/deep-freeze.ts";
import type { WarningCounts } from "../../shared/handler/warning-counts.ts";
import type { RunMessage } from "../../shared/protocol/child-message.ts";
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

/** Maps a run's files and gives each unit its views. Made before privileges are dropped, used after. */
export class UnitReader {
  readonly #message: RunMessage;
  readonly #ts: MappedColumn;
  readonly #symbolCodes: MappedColumn | null;
  readonly #columns: readonly MappedColumn[];
  readonly #warnings: WarningCounts;
  readonly #state: Float64Array;
  /** What units go on from; null where all of them begin. */
  readonly resume: ResumedUnits | null;

  constructor(message: RunMessage, child: ChildContext, warnings: WarningCounts) {
    const files: MappedFiles = { byPath: new Map(), copies: message.outFolder !== null };
    this.#message = message;
    this.#ts = mapColumn(message.ts, child, files);
    this.#symbolCodes = message.symbolCodes === null ? null : mapColumn(message.symbolCodes, child, files);
    this.#columns = message.columns.map((binding) => mapColumn(binding.parts, child, files));
    this.#warnings = warnings;
    this.#state = new Float64Array(message.stateLength);
    this.resume = openResumedUnits(message.sink, child);
    // Handlers are given these very objects, unit after unit.
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
    const { units, symbols, clock } = this.#message;
    const ts = timesOf(this.#slice(this.#ts, unit));
    const codes = this.#codesOf(unit);
    this.#state.fill(0);
    const saved = this.resume?.stateOf(symbols[units.symbol[unit]!] ?? "");
    if (saved !== undefined) this.#state.set(saved);
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

  /** Event times of the output rows of units `first` to `end`: a view where they stand side by side, else a copy. */
  outputTimes(first: number, end: number, rowCount: number): Int32Array | BigInt64Array {
    const { units, tsType } = this.#message;
    if (this.#isContiguous(first, end)) {
      return this.#times(units.firstRow[first]! + units.skip[first]!, rowCount);
    }
    const copy = tsType === "date32" ? new Int32Array(rowCount) : new BigInt64Array(rowCount);
    let row = 0;
    for (let unit = first; unit < end; unit++) {
      const kept = units.outputRowCount[unit]!;
      const times = this.#times(units.firstRow[unit]! + units.skip[unit]!, kept);
      if (copy instanceof Int32Array && times instanceof Int32Array) copy.set(times, row);
      else if (copy instanceof BigInt64Array && times instanceof BigInt64Array) copy.set(times, row);
      row += kept;
    }
    return copy;
  }

  /** A bound column by name, for the built-in that reads rows in no order. */
  column(input: string, name: string): MappedColumn {
    const index = this.#message.columns.findIndex(
      (binding) => binding.input === input && binding.column === name,
    );
    const column = this.#columns[index];
    if (column === undefined) throw new Error(`Column ${input}.${name} is not bound: the plan is wrong`);
    return column;
  }

  /** The unit as a sentence names it. */
  nameOf(unit: number): string {
    const { units, symbols, partition, tsType } = this.#message;
    const symbol = symbols[units.symbol[unit]!];
    if (symbol !== undefined) return `symbol ${JSON.stringify(symbol)}`;
    if (partition === "whole") return "the whole selection";
    const time = Number(this.#times(units.firstRow[unit]!, 1)[0]);
    return tsType === "date32" ? `date ${formatDate(time)}` : `time ${formatInstant(time)}`;
  }

  /** A unit's rows of a column. */
  #slice(column: MappedColumn, unit: number): MappedSlice {
    const { units, symbolRuns } = this.#message;
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

  #isContiguous(first: number, end: number): boolean {
    const { units } = this.#message;
    const parts = this.#message.ts;
    for (let unit = first; unit < end; unit++) {
      if (unit > first && units.skip[unit] !== 0) return false;
      const isLast = unit === end - 1;
      const endRow = units.firstRow[unit]! + units.skip[unit]! + units.outputRowCount[unit]!;
      if (!isLast && endRow !== units.firstRow[unit + 1]!) return false;
    }
    // One view cannot span two mapped files.
    const firstRow = units.firstRow[first]!;
    const lastRow = units.firstRow[end - 1]! + units.rowCount[end - 1]!;
    return parts.some((part) => firstRow >= part.firstRow && lastRow <= part.firstRow + part.rowCount);
  }
}

function timesOf({ values }: MappedSlice): Int32Array | BigInt64Array {
  if (values instanceof Int32Array || values instanceof BigInt64Array) return values;
  throw new Error("Event times are neither dates nor timestamps: the plan is wrong");
}
