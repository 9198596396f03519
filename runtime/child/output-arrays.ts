import { allocateColumn } from "../../shared/arrow/index.ts";
import type { ResolvedColumn } from "../../shared/contract/describe.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { OutputValues } from "./sinks/output-batch.ts";

type Values = OutputValues["values"];

interface OutputArray {
  readonly values: Values;
  readonly valid: Uint8Array | null;
}

/** Reused output arrays of a batch: a unit is a run of them, handed to the handler as views. */
export class OutputArrays {
  readonly #names: readonly string[];
  readonly #arrays: readonly OutputArray[];

  constructor(outputs: readonly ResolvedColumn[], capacity: number) {
    this.#names = outputs.map((output) => output.name);
    this.#arrays = outputs.map(({ name, type }) => {
      if (type === "utf8") {
        throw new QuiverError(
          "contract-broken",
          `Cannot give the output ${JSON.stringify(name)} as text: a feature's outputs are numbers, booleans ` +
            "and times. Use int32 codes, or a table function.",
          { column: name },
        );
      }
      const isFloat = type === "float64" || type === "float32";
      return { values: allocateColumn(type, capacity), valid: isFloat ? null : new Uint8Array(capacity) };
    });
  }

  /** What a handler writes one unit's outputs into, all null: NaN in floats, 0 in the validity of the others. */
  unit(firstRow: number, rowCount: number): Readonly<Record<string, unknown>> {
    const end = firstRow + rowCount;
    const out: Record<string, unknown> = {};
    this.#arrays.forEach(({ values, valid }, i) => {
      const view = values.subarray(firstRow, end);
      if (view instanceof Float64Array || view instanceof Float32Array) view.fill(NaN);
      valid?.fill(0, firstRow, end);
      out[this.#names[i]!] = valid === null ? view : { values: view, valid: valid.subarray(firstRow, end) };
    });
    return out;
  }

  /** Drops the rows before `keepFrom` of a unit: the `keepCount` rows from there move to the unit's start. */
  trim(firstRow: number, keepFrom: number, keepCount: number): void {
    if (keepFrom === firstRow) return;
    for (const { values, valid } of this.#arrays) {
      values.copyWithin(firstRow, keepFrom, keepFrom + keepCount);
      valid?.copyWithin(firstRow, keepFrom, keepFrom + keepCount);
    }
  }

  /** The first rows of every output, for a sink. */
  batch(rowCount: number): OutputValues[] {
    return this.#arrays.map(({ values, valid }) => {
      const view = values.subarray(0, rowCount);
      return valid === null ? { values: view } : { values: view, valid: valid.subarray(0, rowCount) };
    });
  }
}
