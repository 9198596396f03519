import { allocateColumn } from "../arrow/index.ts";
import type { ResolvedColumn } from "../contract/describe.ts";
import { QuiverError } from "../errors/index.ts";

/** One output column. A null float is NaN; other types mark nulls with 0 in `valid`. */
export interface OutputValues {
  readonly values: Float64Array | Float32Array | Int32Array | BigInt64Array | Uint8Array;
  readonly valid?: Uint8Array;
}

/** What a handler writes a unit's outputs into: arrays, and pairs of values and validity. */
export type UnitOutputs = Readonly<Record<string, unknown>>;

interface OutputArray {
  readonly values: OutputValues["values"];
  readonly valid: Uint8Array | null;
  readonly isBool: boolean;
}

/**
 * Output arrays of a batch, reused from batch to batch. A unit is a range of rows, which the handler receives as
 * views.
 */
export class OutputArrays {
  readonly #names: readonly string[];
  readonly #arrays: readonly OutputArray[];
  /** The views that firstUnit() made, by their number of rows. */
  readonly #first = new Map<number, UnitOutputs>();

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
      const valid = isFloat ? null : new Uint8Array(capacity);
      return { values: allocateColumn(type, capacity), valid, isBool: type === "bool" };
    });
  }

  /**
   * The arrays a handler writes one unit's outputs into, initially all null: NaN in floats, 0 in the validity of other
   * types. The object is frozen, because an output that is assigned instead of written into would be lost.
   */
  unit(firstRow: number, rowCount: number): UnitOutputs {
    const end = firstRow + rowCount;
    const out: Record<string, unknown> = {};
    this.#arrays.forEach(({ values, valid }, i) => {
      const view = values.subarray(firstRow, end);
      if (view instanceof Float64Array || view instanceof Float32Array) view.fill(NaN);
      valid?.fill(0, firstRow, end);
      out[this.#names[i]!] =
        valid === null ? view : Object.freeze({ values: view, valid: valid.subarray(firstRow, end) });
    });
    return Object.freeze(out);
  }

  /**
   * The same for a unit at the first row. Views are made once for each number of rows and reused: for a short unit with
   * many outputs, making them takes longer than computing the values.
   */
  firstUnit(rowCount: number): UnitOutputs {
    const known = this.#first.get(rowCount);
    if (known === undefined) {
      const made = this.unit(0, rowCount);
      this.#first.set(rowCount, made);
      return made;
    }
    for (const { values, valid } of this.#arrays) {
      if (values instanceof Float64Array || values instanceof Float32Array) values.fill(NaN, 0, rowCount);
      valid?.fill(0, 0, rowCount);
    }
    return known;
  }

  /** Drops the rows of a unit before `keepFrom`: moves the `keepCount` rows from there to the unit's start. */
  trim(firstRow: number, keepFrom: number, keepCount: number): void {
    if (keepFrom === firstRow) return;
    for (const { values, valid } of this.#arrays) {
      values.copyWithin(firstRow, keepFrom, keepFrom + keepCount);
      valid?.copyWithin(firstRow, keepFrom, keepFrom + keepCount);
    }
  }

  /** Copies rows from another instance with the same outputs. */
  copyFrom(source: OutputArrays, sourceRow: number, rowCount: number, row: number): void {
    for (let i = 0; i < this.#arrays.length; i++) {
      const to = this.#arrays[i]!;
      const from = source.#arrays[i]!;
      copyRows(from.values, sourceRow, rowCount, to.values, row);
      if (from.valid !== null && to.valid !== null) copyRows(from.valid, sourceRow, rowCount, to.valid, row);
    }
  }

  /** The first `rowCount` rows of every output in stored form: zeros under nulls, and booleans as exactly 0 or 1. */
  batch(rowCount: number): OutputValues[] {
    return this.#arrays.map(({ values, valid, isBool }) => {
      const view = values.subarray(0, rowCount);
      if (valid === null) return { values: view };
      const validView = valid.subarray(0, rowCount);
      clearNulls(view, validView);
      if (isBool) toOnes(view);
      toOnes(validView);
      return { values: view, valid: validView };
    });
  }
}

/** A loop: usually few rows are copied, and making a view of them would take longer. */
function copyRows(
  from: OutputValues["values"],
  fromRow: number,
  rowCount: number,
  to: OutputValues["values"],
  row: number,
): void {
  for (let i = 0; i < rowCount; i++) to[row + i] = from[fromRow + i]!;
}

function clearNulls(values: OutputValues["values"], valid: Uint8Array): void {
  for (let i = 0; i < valid.length; i++) {
    if (valid[i] !== 0) continue;
    if (values instanceof BigInt64Array) values[i] = 0n;
    else values[i] = 0;
  }
}

function toOnes(flags: OutputValues["values"]): void {
  if (!(flags instanceof Uint8Array)) return;
  for (let i = 0; i < flags.length; i++) if (flags[i]! > 1) flags[i] = 1;
}
