import type { FeatureColumn, FeatureColumnValues } from "./feature-parquet-types.ts";
import { scanFloats } from "./scan-float.ts";
import { scanInt64, scanIntegers } from "./scan-integer.ts";
import type { Workspace } from "./workspace.ts";

/** Scans rows `from` to `to` of a column into the workspace, according to the column's type. */
export function scanColumn(
  column: FeatureColumn,
  { values, valid }: FeatureColumnValues,
  from: number,
  to: number,
  ordinal: number,
  workspace: Workspace,
): void {
  const { int32, int64, bytes, nulls, tally } = workspace;
  switch (column.type) {
    case "float64":
      if (values instanceof Float64Array) return scanFloats(values, from, to, ordinal, workspace);
      break;
    case "float32":
      if (values instanceof Float32Array) return scanFloats(values, from, to, ordinal, workspace);
      break;
    case "int32":
    case "date32":
      if (values instanceof Int32Array)
        return scanIntegers(values, valid, from, to, ordinal, int32, nulls, tally);
      break;
    case "int64":
    case "timestamp":
      if (values instanceof BigInt64Array)
        return scanInt64(values, valid, from, to, ordinal, int64, nulls, tally);
      break;
    case "bool":
      if (values instanceof Uint8Array)
        return scanIntegers(values, valid, from, to, ordinal, bytes, nulls, tally);
  }
  throw new TypeError(
    `Cannot write column ${JSON.stringify(column.name)}: its values are of type ${values.constructor.name}, expected the array of ${column.type}.`,
  );
}

/** Size of one value in the workspace. */
export function widthOf({ type }: FeatureColumn): number {
  switch (type) {
    case "bool":
      return 1;
    case "float32":
    case "int32":
    case "date32":
      return 4;
    case "float64":
    case "int64":
    case "timestamp":
      return 8;
  }
}
