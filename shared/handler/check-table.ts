import type { ArrowTable } from "../contract/definition.ts";
import type { ResolvedColumn } from "../contract/describe.ts";
import { QuiverError } from "../errors/index.ts";
import { kindOf } from "./call-handler.ts";
import { arrowCells, type Cell, cellsOf } from "./table-cells.ts";

/** A unit's result, column by column in the order of the declared outputs. */
export interface CheckedTable {
  readonly rowCount: number;
  readonly columns: readonly (readonly Cell[])[];
}

/** The position of a keyed table's `ts` or `symbol` column; -1 if it has none. */
export function indexOfOutput(outputs: readonly ResolvedColumn[], name: "ts" | "symbol"): number {
  return outputs.findIndex((output) => output.name === name);
}

/**
 * Checks what a table function's handler returned for one unit against the declared outputs: the columns, their types
 * and lengths, and (if there is a `ts`) that every row has one.
 */
export function checkTable(
  outputs: readonly ResolvedColumn[],
  result: unknown,
  unitName: () => string,
): CheckedTable {
  if (typeof result !== "object" || result === null || "then" in result) {
    throw brokenTable(
      `returned ${kindOf(result)} for ${unitName()}, expected an object of columns or an Arrow table`,
    );
  }
  const isArrow = isArrowTable(result);
  const given = isArrow ? result.schema.fields.map((field) => field.name) : Object.keys(result);
  const unknown = given.find((name) => !outputs.some((output) => output.name === name));
  if (unknown !== undefined) {
    throw brokenTable(
      `returned the column ${JSON.stringify(unknown)} for ${unitName()}, which is not among its outputs ` +
        `(${outputs.map((output) => output.name).join(", ")})`,
    );
  }
  const broken = (problem: string) => brokenTable(`${problem} for ${unitName()}`);
  const values = new Map<string, unknown>(isArrow ? [] : Object.entries(result));
  const columns = outputs.map((output) => {
    if (!given.includes(output.name)) throw broken(`returned no column ${JSON.stringify(output.name)}`);
    return isArrow ? arrowCells(output, result, broken) : cellsOf(output, values.get(output.name), broken);
  });
  const lengths = new Set(columns.map((column) => column.length));
  if (lengths.size > 1) {
    const each = outputs.map((output, i) => `${output.name}: ${columns[i]!.length}`).join(", ");
    throw broken(`returned columns of different lengths (${each})`);
  }
  const times = columns[indexOfOutput(outputs, "ts")] ?? [];
  const nullTime = times.findIndex((time) => time === null);
  if (nullTime >= 0) throw broken(`returned a null \`ts\` in row ${nullTime}`);
  return { rowCount: columns[0]?.length ?? 0, columns };
}

/** Refuses times that do not ascend and symbols other than the unit's own. For units that are symbols. */
export function checkSymbolRows(
  outputs: readonly ResolvedColumn[],
  { columns, rowCount }: CheckedTable,
  symbol: string,
  unitName: () => string,
): void {
  const times = columns[indexOfOutput(outputs, "ts")];
  const names = columns[indexOfOutput(outputs, "symbol")];
  for (let row = 0; row < rowCount; row++) {
    const time = times?.[row] ?? null;
    const before = row === 0 ? null : (times?.[row - 1] ?? null);
    if (time !== null && before !== null && !(time > before)) {
      throw brokenTable(
        `returned \`ts\` out of order in row ${row} for ${unitName()}, expected strictly ascending times`,
      );
    }
    if (times === undefined || names === undefined || names[row] === symbol) continue;
    throw brokenTable(
      `returned the \`symbol\` ${JSON.stringify(names[row])} in row ${row} for ${unitName()}, expected the symbol of the unit`,
    );
  }
}

export function brokenTable(problem: string): QuiverError {
  return new QuiverError("contract-broken", `The handler of a table function ${problem}.`);
}

function isArrowTable(value: object): value is ArrowTable {
  return "numRows" in value && "getChild" in value && typeof value.getChild === "function";
}
