import { allocateColumn } from "../../shared/arrow/index.ts";
import type { ResolvedColumn } from "../../shared/contract/describe.ts";
import { brokenTable, checkSymbolRows, checkTable, indexOfOutput } from "../../shared/handler/check-table.ts";
import type { Cell } from "../../shared/handler/table-cells.ts";
import type { RunMessage } from "../../shared/protocol/child-message.ts";
import type { OutputBatch, OutputColumn } from "./sinks/output-batch.ts";

/** Gathers the results of a table function for the sink, checking each against the declared columns. */
export class TableRows {
  rowCount = 0;
  /** Whether rows have a symbol and an event time. */
  readonly isKeyed: boolean;
  readonly #message: RunMessage;
  readonly #ts: number;
  readonly #symbol: number;
  /** The code of each symbol that the result may contain. */
  readonly #codes = new Map<string, number>();
  /** The symbols that the handler was given; returning any other is an error. */
  readonly #given: ReadonlySet<string>;
  #columns: Cell[][];
  #symbols: number[] = [];

  constructor(message: RunMessage) {
    const { outputs, symbols, resultSymbols } = message;
    this.#message = message;
    this.#ts = indexOfOutput(outputs, "ts");
    this.#symbol = indexOfOutput(outputs, "symbol");
    this.isKeyed = this.#ts >= 0;
    this.#columns = outputs.map(() => []);
    this.#given = new Set(symbols);
    (resultSymbols ?? symbols).forEach((symbol, code) => this.#codes.set(symbol, code));
  }

  /** Adds one unit's result; `unitSymbol` is -1 if the unit is not a symbol. */
  add(result: unknown, unitSymbol: number, unitName: () => string): void {
    const { outputs, symbols } = this.#message;
    const table = checkTable(outputs, result, unitName);
    if (unitSymbol >= 0) checkSymbolRows(outputs, table, symbols[unitSymbol] ?? "", unitName);
    for (let row = 0; row < table.rowCount; row++) {
      if (this.isKeyed) {
        const code =
          unitSymbol >= 0 ? unitSymbol : this.#codeOf(table.columns[this.#symbol]?.[row], row, unitName);
        if (code === undefined || !this.#isWanted(table.columns[this.#ts]?.[row])) continue;
        this.#symbols.push(code);
      }
      for (let i = 0; i < outputs.length; i++) this.#columns[i]!.push(table.columns[i]![row]!);
      this.rowCount++;
    }
  }

  /** Sorts the gathered rows by (symbol, ts), and refuses duplicate keys. */
  sort(): void {
    if (!this.isKeyed) return;
    const times = this.#columns[this.#ts]!;
    const order = orderBySymbol(this.#symbols, (this.#message.resultSymbols ?? this.#message.symbols).length);
    // Units are moments in time order, so ordering by symbol is usually enough; a handler may return other times.
    if (!ascends(order, this.#symbols, times)) {
      order.sort((a, b) => this.#symbols[a]! - this.#symbols[b]! || compareCells(times[a], times[b]));
    }
    this.#columns = this.#columns.map((column) => Array.from(order, (row) => column[row]!));
    this.#symbols = Array.from(order, (row) => this.#symbols[row]!);
    const sorted = this.#columns[this.#ts]!;
    for (let row = 1; row < this.rowCount; row++) {
      if (this.#symbols[row] !== this.#symbols[row - 1] || sorted[row] !== sorted[row - 1]) continue;
      const symbol = (this.#message.resultSymbols ?? this.#message.symbols)[this.#symbols[row]!];
      throw brokenTable(
        `returned two rows for symbol ${JSON.stringify(symbol)} at ${String(sorted[row])}, expected unique keys`,
      );
    }
  }

  /** Returns the gathered rows as a batch and empties the gatherer. */
  take(): OutputBatch {
    const { outputs } = this.#message;
    const columns: OutputColumn[] = [];
    let ts: OutputBatch["ts"] = null;
    outputs.forEach((output, i) => {
      if (this.isKeyed && i === this.#symbol) return;
      const column = toOutputColumn(output, this.#columns[i]!);
      if (i === this.#ts) ts = timesOf(column);
      else columns.push(column);
    });
    const batch: OutputBatch = { rowCount: this.rowCount, units: runsOf(this.#symbols), ts, columns };
    this.#columns = outputs.map(() => []);
    this.#symbols = [];
    this.rowCount = 0;
    return batch;
  }

  /** Whether a time lies within the invocation's `from` and `to`, in the unit of the output's own `ts`. */
  #isWanted(time: Cell | undefined): boolean {
    const { from, to } = this.#message.outputWindow;
    const at = Number(time);
    return (from === null || at >= from) && (to === null || at < to);
  }

  /** Undefined for a symbol that was given to the handler but is not selected. */
  #codeOf(name: Cell | undefined, row: number, unitName: () => string): number | undefined {
    if (typeof name === "string") {
      const code = this.#codes.get(name);
      if (code !== undefined || this.#given.has(name)) return code;
    }
    throw brokenTable(
      `returned the \`symbol\` ${JSON.stringify(name ?? null)} in row ${row} for ${unitName()}, ` +
        "expected one of the symbols it was given",
    );
  }
}

function toOutputColumn(output: ResolvedColumn, cells: readonly Cell[]): OutputColumn {
  if (output.type === "utf8") return { text: cells.map((cell) => (typeof cell === "string" ? cell : null)) };
  const values = allocateColumn(output.type, cells.length);
  const isFloat = values instanceof Float64Array || values instanceof Float32Array;
  const valid = new Uint8Array(cells.length).fill(1);
  for (let row = 0; row < cells.length; row++) {
    const cell = cells[row]!;
    if (cell === null) {
      if (isFloat) values[row] = NaN;
      else valid[row] = 0;
    } else if (values instanceof BigInt64Array) values[row] = BigInt(cell);
    else if (output.type === "bool") values[row] = Number(cell) === 0 ? 0 : 1;
    else values[row] = Number(cell);
  }
  return isFloat ? { values } : { values, valid };
}

function timesOf(column: OutputColumn): Int32Array | BigInt64Array {
  if (
    !("text" in column) &&
    (column.values instanceof Int32Array || column.values instanceof BigInt64Array)
  ) {
    return column.values;
  }
  throw new Error("A table's `ts` is not a time although its definition was checked");
}

function runsOf(symbols: readonly number[]): { symbol: number; rowCount: number }[] {
  const runs: { symbol: number; rowCount: number }[] = [];
  for (const symbol of symbols) {
    const last = runs.at(-1);
    if (last?.symbol === symbol) last.rowCount++;
    else runs.push({ symbol, rowCount: 1 });
  }
  return runs;
}

/** Orders rows by symbol, keeping the order within each symbol. */
function orderBySymbol(symbols: readonly number[], symbolCount: number): Int32Array {
  const next = new Int32Array(symbolCount + 1);
  for (const symbol of symbols) next[symbol + 1]!++;
  for (let symbol = 0; symbol < symbolCount; symbol++) next[symbol + 1]! += next[symbol]!;
  const order = new Int32Array(symbols.length);
  symbols.forEach((symbol, row) => {
    order[next[symbol]!++] = row;
  });
  return order;
}

function ascends(order: Int32Array, symbols: readonly number[], times: readonly Cell[]): boolean {
  for (let i = 1; i < order.length; i++) {
    const [before, row] = [order[i - 1]!, order[i]!];
    if (symbols[before] === symbols[row] && compareCells(times[before], times[row]) > 0) return false;
  }
  return true;
}

function compareCells(a: Cell | undefined, b: Cell | undefined): number {
  if (a === b || a === undefined || b === undefined || a === null || b === null) return 0;
  return a < b ? -1 : 1;
}
