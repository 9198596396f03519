import type { FeatureColumnSummary, FeatureColumnType } from "./feature-parquet-types.ts";
import type { ColumnTally } from "./workspace.ts";

export interface Bounds {
  readonly min: number | bigint;
  readonly max: number | bigint;
}

/** The smallest and largest value of a scanned column; undefined if every row is null. */
export function boundsOf(type: FeatureColumnType, tally: ColumnTally): Bounds | undefined {
  if (tally.valueCount === 0) return undefined;
  if (type === "int64" || type === "timestamp") return { min: tally.minInt64, max: tally.maxInt64 };
  return { min: tally.min, max: tally.max };
}

/** A bound in the form used by the file's statistics. */
export function boundBytes(type: FeatureColumnType, value: number | bigint, side: "min" | "max"): Uint8Array {
  const bytes = new Uint8Array(8);
  const view = new DataView(bytes.buffer);
  if (typeof value === "bigint") {
    view.setBigInt64(0, value, true);
    return bytes;
  }
  // A zero bound covers both zeros: the format requires -0 as the lower and +0 as the upper bound.
  const bound = value === 0 ? (side === "min" ? -0 : 0) : value;
  switch (type) {
    case "float64":
      view.setFloat64(0, bound, true);
      return bytes;
    case "float32":
      view.setFloat32(0, bound, true);
      return bytes.subarray(0, 4);
    case "bool":
      bytes[0] = value;
      return bytes.subarray(0, 1);
    default:
      view.setInt32(0, value, true);
      return bytes.subarray(0, 4);
  }
}

/** Counts and bounds of a column over the whole file. */
export class ColumnTotals {
  readonly #name: string;
  #nullCount = 0;
  #infCount = 0;
  #bounds: Bounds | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  add({ nullCount, infCount }: ColumnTally, bounds: Bounds | undefined): void {
    this.#nullCount += nullCount;
    this.#infCount += infCount;
    this.#bounds = joinBounds(this.#bounds, bounds);
  }

  summary(): FeatureColumnSummary {
    return {
      name: this.#name,
      nullCount: this.#nullCount,
      infCount: this.#infCount,
      min: this.#bounds?.min,
      max: this.#bounds?.max,
    };
  }
}

/** The combined bounds of two parts. */
export function joinBounds(a: Bounds | undefined, b: Bounds | undefined): Bounds | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return { min: b.min < a.min ? b.min : a.min, max: b.max > a.max ? b.max : a.max };
}
