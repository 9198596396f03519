import { OutputArrays } from "../../shared/handler/output-arrays.ts";
import type { RunMessage } from "../../shared/protocol/child-message.ts";
import type { OutputSink } from "./sinks/output-batch.ts";
import type { UnitReader } from "./unit-reader.ts";

/** The number of late rows buffered before they are written, unless a single unit has more. */
const LATE_ROWS_MAX = 32_768;

/** Collects output rows after the settled ones, a few per unit, and writes them to a separate file. */
export class LateRows {
  readonly #arrays: OutputArrays;
  readonly #ts: Int32Array | BigInt64Array;
  readonly #capacity: number;
  #units: { symbol: number; rowCount: number }[] = [];
  #rowCount = 0;

  constructor({ outputs, tsType }: RunMessage, { units, settledRows }: UnitReader) {
    let total = 0;
    let most = 0;
    units.outputRowCount.forEach((rows, unit) => {
      const late = rows - settledRows[unit]!;
      total += late;
      most = Math.max(most, late);
    });
    this.#capacity = Math.max(most, Math.min(total, LATE_ROWS_MAX));
    this.#arrays = new OutputArrays(outputs, this.#capacity);
    this.#ts = tsType === "date32" ? new Int32Array(this.#capacity) : new BigInt64Array(this.#capacity);
  }

  holds(rowCount: number): boolean {
    return this.#rowCount + rowCount <= this.#capacity;
  }

  /** Copies a unit's late rows from a batch's arrays. */
  take(symbol: number, arrays: OutputArrays, firstRow: number, ts: Int32Array | BigInt64Array): void {
    const rowCount = ts.length;
    this.#arrays.copyFrom(arrays, firstRow, rowCount, this.#rowCount);
    if (ts instanceof Int32Array && this.#ts instanceof Int32Array) this.#ts.set(ts, this.#rowCount);
    else if (ts instanceof BigInt64Array && this.#ts instanceof BigInt64Array)
      this.#ts.set(ts, this.#rowCount);
    this.#units.push({ symbol, rowCount });
    this.#rowCount += rowCount;
  }

  /** Writes the collected rows; the settled rows of these units must have been written before. */
  flush(sink: OutputSink): void {
    if (this.#rowCount === 0) return;
    sink.write(
      {
        rowCount: this.#rowCount,
        units: this.#units,
        ts: this.#ts.subarray(0, this.#rowCount),
        columns: this.#arrays.batch(this.#rowCount),
      },
      true,
    );
    this.#units = [];
    this.#rowCount = 0;
  }
}
