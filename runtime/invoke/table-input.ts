import { QuiverError } from "../../shared/errors/index.ts";
import type { BoundColumn, BoundFunction } from "../plan/bind-inputs.ts";

/**
 * The table function whose rows a function's result has: that of its first input, or of the first input of the
 * function that is its first input, and so on. What cannot stand beside a table's own rows is refused.
 */
export function findTableInput(bound: BoundFunction): BoundFunction | undefined {
  const table = tableOf(bound);
  refuseOtherTables(bound, table);
  if (table === undefined) return undefined;
  refuseWithoutTimes(table);
  refuseOtherRows(bound, table);
  return table;
}

/** The function with the table's columns read from the rows themselves, and the table no longer upstream of it. */
export function bindToRows(bound: BoundFunction, table: BoundFunction): BoundFunction {
  const removed = bound.upstream.indexOf(table);
  if (removed < 0) {
    const first = firstUpstream(bound);
    return {
      ...bound,
      upstream: bound.upstream.map((upstream) =>
        upstream === first ? bindToRows(upstream, table) : upstream,
      ),
    };
  }
  const columns = bound.columns.map((column): BoundColumn => {
    if (column.from !== "function") return column;
    const { input, upstream } = column;
    if (upstream === removed)
      return { input, column: column.column, from: "dataset", source: { kind: "own" } };
    return { ...column, upstream: upstream > removed ? upstream - 1 : upstream };
  });
  return { ...bound, columns, upstream: bound.upstream.filter((_, i) => i !== removed) };
}

function tableOf(bound: BoundFunction): BoundFunction | undefined {
  const first = firstUpstream(bound);
  if (first === undefined) return undefined;
  return first.entry.description.shape === "table" ? first : tableOf(first);
}

/** The function that is the first input, if it is one. */
function firstUpstream({ columns, upstream }: BoundFunction): BoundFunction | undefined {
  const [first] = columns;
  return first?.from === "function" ? upstream[first.upstream] : undefined;
}

/** Tables further up are the business of the table that reads them. */
function refuseOtherTables(bound: BoundFunction, table: BoundFunction | undefined): void {
  bound.upstream.forEach((upstream, index) => {
    if (upstream === table) return;
    if (upstream.entry.description.shape === "feature") return refuseOtherTables(upstream, table);
    const column = bound.columns.find(
      (candidate) => candidate.from === "function" && candidate.upstream === index,
    );
    throw new QuiverError(
      "input-invalid",
      `Cannot bind the input ${JSON.stringify(column?.input)} of ${JSON.stringify(bound.entry.name)} to the table function ` +
        `${JSON.stringify(upstream.entry.name)}: its rows are its own, so it can only be the first input, which decides the rows.`,
      { function: bound.entry.name, input: column?.input, upstream: upstream.entry.name },
    );
  });
}

function refuseWithoutTimes({ entry, resolved }: BoundFunction): void {
  if (resolved.outputs.some((output) => output.name === "ts")) return;
  throw new QuiverError(
    "input-invalid",
    `Cannot use the table function ${JSON.stringify(entry.name)} as an input: it has no column "ts".`,
    { function: entry.name },
  );
}

/** Columns of the dataset that the table was made from do not stand beside the table's rows. */
function refuseOtherRows(bound: BoundFunction, table: BoundFunction): void {
  const other = bound.columns.find((column) => column.from === "dataset");
  if (other !== undefined) {
    throw new QuiverError(
      "input-invalid",
      `Cannot run ${JSON.stringify(bound.entry.name)} on the rows of the table function ${JSON.stringify(table.entry.name)}: ` +
        `its input ${JSON.stringify(other.input)} reads a dataset, which cannot be matched to them. Publish the table, ` +
        "import it, and match the datasets.",
      { function: bound.entry.name, input: other.input, upstream: table.entry.name },
    );
  }
  for (const upstream of bound.upstream) if (upstream !== table) refuseOtherRows(upstream, table);
}
