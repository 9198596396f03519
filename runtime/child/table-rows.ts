import { allocateColumn } from "../../shared/arrow/index.ts";
import type { ResolvedColumn } from "../../shared/contract/describe.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { RunMessage } from "../../shared/protocol/child-message.ts";
import type { OutputBatch, OutputColumn } from "./sinks/output-batch.ts";
import { type Cell, cellsOf } from "./table-cells.ts";

export interface ResultRows extends OutputBatch {}

/** Results of a table function on their way to the sink, checked against the declared columns as they come. */
export class TableRows {
  rowCount = 0;
  readonly #message: RunMessage;
  readonly #keyed: boolean;
  readonly #codes = new Map<string, number>();
  #columns: Cell[][];
  #symbols: number[] = [];
  /** Last event time of each symbol within one unit's result, to see that it ascends. */
  #lastTs = new Map<number, number | bigint>();

  constructor(message: RunMessage) {
    this.#message = message;
    this.#keyed = message.outputs.some((output) => output.name === "ts");
    this.#columns = message.outputs.map(() => []);
    message.symbols.forEach((symbol, code) => this.#codes.set(symbol, code));
  }

  /** Adds one unit's result and returns its rows. */
  add(result: unknown, unitSymbol: number, unitName: string): number {
    const { outputs } = this.#message;
    const columns = this.#check(result, unitName);
    const given = columns[0]?.length ?? 0;
    const codes = this.#keyed ? this.#checkKeys(columns, given, unitSymbol, unitName) : [];
    const times = this.#keyed ? columns[this.#indexOf("ts")]! : [];
    let added = 0;
    for (let row = 0; row < given; row++) {
      if (this.#keyed && !this.#isWanted(times[row])) continue;
      outputs.forEach((_, i) => this.#columns[i]!.push(columns[i]![row]!));
      if (this.#keyed) this.#symbols.push(codes[row]!);
      added++;
    }
    this.rowCount += added;
    return added;
  }

  /** Brings the rows gathered so far into (symbol, ts) order; the keys were checked as they came. */
  sort(): void {
    if (!this.#keyed) return;
    const times = this.#columns[this.#indexOf("ts")]!;
    const order = Array.from({ length: this.rowCount }, (_, row) => row).sort(
      (a, b) => this.#symbols[a]! - this.#symbols[b]! || compareCells(times[a], times[b]),
    );
    this.#columns = this.#columns.map((column) => order.map((row) => column[row]!));
    this.#symbols = order.map((row) => this.#symbols[row]!);
    const sorted = this.#columns[this.#indexOf("ts")]!;
    for (let row = 1; row < this.rowCount; row++) {
      if (this.#symbols[row] !== this.#symbols[row - 1] || sorted[row] !== sorted[row - 1]) continue;
      const symbol = this.#message.symbols[this.#symbols[row]!];
      throw broken(
        `gave two rows for symbol ${JSON.stringify(symbol)} at ${String(sorted[row])}, expected unique keys`,
      );
    }
  }

  /** The rows gathered so far as a batch; the gatherer is empty afterwards. */
  take(): ResultRows {
    const { outputs } = this.#message;
    const columns: OutputColumn[] = [];
    let ts: Int32Array | BigInt64Array | null = null;
    outputs.forEach((output, i) => {
      const column = toOutputColumn(output, this.#columns[i]!);
      if (this.#keyed && output.name === "ts") ts = timesOf(column);
      else if (!(this.#keyed && output.name === "symbol")) columns.push(column);
    });
    const batch: ResultRows = { rowCount: this.rowCount, units: runsOf(this.#symbols), ts, columns };
    this.#columns = outputs.map(() => []);
    this.#symbols = [];
    this.rowCount = 0;
    return batch;
  }

  #check(result: unknown, unitName: string): (readonly Cell[])[] {
    const { outputs } = this.#message;
    if (typeof result !== "object" || result === null || result instanceof Promise) {
      const what =
        result instanceof Promise
          ? "a promise"
          : result === null
            ? "null"
            : `a value of type ${typeof result}`;
      throw broken(`returned ${what} for ${unitName}, expected an object of columns or an Arrow table`);
    }
    const given = new Map<string, unknown>(Object.entries(result));
    const unknown = [...given.keys()].filter((name) => !outputs.some((output) => output.name === name));
    if (unknown.length > 0) {
      throw broken(
        `returned the column ${JSON.stringify(unknown[0])} for ${unitName}, which is not among its outputs`,
      );
    }
    const columns = outputs.map((output) => {
      if (!given.has(output.name))
        throw broken(`returned no column ${JSON.stringify(output.name)} for ${unitName}`);
      return cellsOf(output, given.get(output.name), (problem) => broken(`${problem} for ${unitName}`));
    });
    const lengths = new Set(columns.map((column) => column.length));
    if (lengths.size > 1) {
      const each = outputs.map((output, i) => `${output.name}: ${columns[i]!.length}`).join(", ");
      throw broken(`returned columns of different lengths for ${unitName} (${each})`);
    }
    return columns;
  }

  /** The symbol code of each row, once `ts` (and `symbol`) were found to be keys. */
  #checkKeys(
    columns: readonly (readonly Cell[])[],
    given: number,
    unitSymbol: number,
    unitName: string,
  ): number[] {
    const codes: number[] = [];
    const times = columns[this.#indexOf("ts")]!;
    const names = unitSymbol < 0 ? columns[this.#indexOf("symbol")] : undefined;
    const ordered = unitSymbol >= 0;
    if (ordered) this.#lastTs.clear();
    for (let row = 0; row < given; row++) {
      const time = times[row];
      if (typeof time !== "number" && typeof time !== "bigint") {
        throw broken(`returned a null \`ts\` in row ${row} for ${unitName}`);
      }
      const code = ordered ? unitSymbol : this.#codeOf(names?.[row], row, unitName);
      if (ordered) {
        const last = this.#lastTs.get(code);
        if (last !== undefined && !(time > last)) {
          throw broken(
            `returned \`ts\` out of order in row ${row} for ${unitName}, expected strictly ascending times`,
          );
        }
        this.#lastTs.set(code, time);
      }
      codes.push(code);
    }
    return codes;
  }

  /** The invocation's `from` and `to`, in the unit of the output's own `ts`. */
  #isWanted(time: Cell | undefined): boolean {
    const { from, to } = this.#message.outputWindow;
    const at = Number(time);
    return (from === null || at >= from) && (to === null || at < to);
  }

  #codeOf(name: Cell | undefined, row: number, unitName: string): number {
    const code = typeof name === "string" ? this.#codes.get(name) : undefined;
    if (code !== undefined) return code;
    throw broken(
      `returned the \`symbol\` ${JSON.stringify(name ?? null)} in row ${row} for ${unitName}, ` +
        "expected one of the selection's symbols",
    );
  }

  #indexOf(name: string): number {
    return this.#message.outputs.findIndex((output) => output.name === name);
  }
}

function broken(problem: string): QuiverError {
  return new QuiverError("contract-broken", `The handler of a table function ${problem}.`);
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
  throw broken("declares `ts` as something that is not a time, expected date32 or timestamp");
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

function compareCells(a: Cell | undefined, b: Cell | undefined): number {
  if (a === b || a === undefined || b === undefined || a === null || b === null) return 0;
  return a < b ? -1 : 1;
}
