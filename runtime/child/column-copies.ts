import { OutputArrays } from "../../shared/handler/output-arrays.ts";
import type { ResolvedColumn } from "../../shared/contract/describe.ts";
import type { OutputBatch, OutputColumn, OutputSink } from "./sinks/output-batch.ts";

/** The number of rows buffered before they are written, unless a single unit has more. */
const ROWS_MAX = 32_768;

/**
 * Copies output rows of a version to column files as well, so that functions which read them need not have them
 * computed again. They are copies because each format writes its own nulls into the arrays.
 */
export class ColumnCopies {
  readonly #sink: OutputSink;
  readonly #arrays: OutputArrays;
  readonly #capacity: number;
  #rowCount = 0;

  /** `longest` is the number of rows of the longest unit. */
  constructor(sink: OutputSink, outputs: readonly ResolvedColumn[], longest: number) {
    this.#sink = sink;
    this.#capacity = Math.max(longest, ROWS_MAX);
    this.#arrays = new OutputArrays(outputs, this.#capacity);
  }

  /** Copies a unit's rows from a batch's arrays, in the order in which they were computed. */
  take(arrays: OutputArrays, firstRow: number, rowCount: number): void {
    if (this.#rowCount + rowCount > this.#capacity) this.flush();
    this.#arrays.copyFrom(arrays, firstRow, rowCount, this.#rowCount);
    this.#rowCount += rowCount;
  }

  flush(): void {
    const rowCount = this.#rowCount;
    if (rowCount === 0) return;
    this.#sink.write({ rowCount, units: [], ts: null, columns: this.#arrays.batch(rowCount) });
    this.#rowCount = 0;
  }
}

/** A sink that first writes a copy of each batch to another sink. */
export function copyingTo(copies: OutputSink, sink: OutputSink): OutputSink {
  return {
    write(batch, isLate) {
      copies.write(copyOf(batch));
      sink.write(batch, isLate);
    },
    close: (states) => sink.close(states),
  };
}

function copyOf(batch: OutputBatch): OutputBatch {
  return { ...batch, columns: batch.columns.map(copyOfColumn) };
}

function copyOfColumn(column: OutputColumn): OutputColumn {
  if ("text" in column) return column;
  const values = column.values.slice();
  return column.valid === undefined ? { values } : { values, valid: column.valid.slice() };
}
