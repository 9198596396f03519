import { z } from "zod";
import {
  bool,
  type Column,
  date32,
  float32,
  float64,
  int32,
  int64,
  timestamp,
} from "../../../shared/contract/columns.ts";
import type { FeatureDefinition } from "../../../shared/contract/definition.ts";
import type { Inputs } from "../../../shared/contract/inputs.ts";

const BY_TYPE = { bool, date32, float32, float64, int32, int64, timestamp } as const;

const AdjustedColumn = z.object({
  name: z.string(),
  type: z.enum(["bool", "date32", "float32", "float64", "int32", "int64", "timestamp"]),
  nullable: z.boolean(),
  /** -1 for prices, 1 for volumes, 0 for columns that a split does not change. */
  power: z.union([z.literal(-1), z.literal(0), z.literal(1)]),
});

const params = z.object({ columns: z.array(AdjustedColumn) });

type Shape = Readonly<Record<string, Column>>;

/**
 * Makes a function that puts any columns of bars on the scale of the last bar known at `asOf`, by a column `factor`. It
 * does what `adjusted-bars` does, for whichever columns the function under check reads.
 */
export function adjustBars() {
  const shapeOf = ({ columns }: z.output<typeof params>): Shape =>
    Object.fromEntries(
      columns.map(({ name, type, nullable }) => [name, nullable ? BY_TYPE[type].orNull() : BY_TYPE[type]]),
    );
  const definition: FeatureDefinition<Inputs, typeof params> = {
    description: "Bars on the scale of the last one known",
    params,
    inputs: (given) => ({ bars: { ...shapeOf(given), factor: float64 } }),
    outputs: shapeOf,
    handler({ bars }, out, { params: { columns } }) {
      const factor = floatsOf(bars?.["factor"]);
      const last = lastFinite(factor);
      for (const { name, power } of columns) {
        copyColumn(bars?.[name], out[name]);
        if (power === 0) continue;
        const values = floatsOf(out[name]);
        for (let i = 0; i < values.length; i++) values[i] = values[i]! * (factor[i]! / last) ** -power;
      }
    },
  };
  return { shape: "feature" as const, params, definition };
}

function lastFinite(values: Float64Array | Float32Array): number {
  for (let i = values.length - 1; i >= 0; i--) if (Number.isFinite(values[i])) return values[i]!;
  return 1;
}

function floatsOf(column: unknown): Float64Array | Float32Array {
  if (column instanceof Float64Array || column instanceof Float32Array) return column;
  throw new TypeError("Only columns of floats can be adjusted");
}

function copyColumn(from: unknown, to: unknown): void {
  if (isSettable(to)) return to.set(from);
  if (!hasValues(to)) throw new TypeError("An output is not an array");
  to.values.set(hasValues(from) ? from.values : from);
  if (hasValues(from) && isSettable(from.valid)) to.valid.set(from.valid);
  else to.valid.fill(1);
}

interface Settable {
  set(values: unknown): void;
  fill(value: number): void;
}

function isSettable(value: unknown): value is Settable {
  return ArrayBuffer.isView(value) && "set" in value;
}

function hasValues(value: unknown): value is { readonly values: Settable; readonly valid: Settable } {
  return typeof value === "object" && value !== null && "values" in value && isSettable(value.values);
}
