import type { Columns } from "../contract/columns.ts";
import type { DefinedTable } from "../contract/define.ts";
import type { ParamsSchema, TableDefinition } from "../contract/definition.ts";
import type { Inputs } from "../contract/inputs.ts";
import { checkSymbolRows, checkTable } from "../handler/check-table.ts";
import type { Cell } from "../handler/table-cells.ts";
import { openUnit } from "./open-unit.ts";
import type { UnitGiven } from "./unit-given.ts";

/** The result of a table function's handler for one unit. */
export interface TableRun<O extends Columns> {
  readonly rowCount: number;
  /** The declared columns as plain values; nulls, NaN and infinities are null. */
  readonly columns: { readonly [Name in keyof O]: readonly Cell[] };
  readonly warnings: readonly { readonly message: string; readonly count: number }[];
}

/**
 * Runs a table function's handler on one unit under the same contract as in production: as `runFeature` does, with the
 * result's columns, types, lengths and keys checked.
 */
export function runTable<I extends Inputs, P extends ParamsSchema, O extends Columns>(
  defined: DefinedTable<I, P, O>,
  given: UnitGiven,
): TableRun<O> {
  const unit = openUnit(defined, given);
  const { outputs } = unit.resolved;
  // The handler's own types follow from the declarations that the unit was checked against.
  const { handler } = defined.definition as unknown as TableDefinition;
  const result: unknown = handler(unit.inputs, unit.context);
  const table = checkTable(outputs, result, () => unit.name);
  if (unit.context.symbol !== "") checkSymbolRows(outputs, table, unit.context.symbol, () => unit.name);
  const columns = outputs.map(({ name }, i) => {
    const cells = table.columns[i]!.map((cell) => {
      if (typeof cell !== "number" || Number.isFinite(cell)) return cell;
      if (!Number.isNaN(cell))
        unit.warnings.add(`Output ${JSON.stringify(name)} held infinite values, stored as null`);
      return null;
    });
    return [name, cells] as const;
  });
  return {
    rowCount: table.rowCount,
    // Has one entry per declared output, as checked above.
    columns: Object.fromEntries(columns) as unknown as TableRun<O>["columns"],
    warnings: unit.warnings.toJSON(),
  };
}
