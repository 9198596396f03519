import { QuiverError } from "../../shared/errors/index.ts";
import type { BoundColumn, BoundFunction } from "../plan/bind-inputs.ts";

/**
 * Finds the table function that provides a function's rows, by following first inputs upstream. Refuses anything
 * that cannot be combined with a table's own rows.
 */
export function findTableInput(bound: BoundFunction): BoundFunction | undefined {
  const table = tableOf(bound);
  refuseOtherTables(bound, table);
  if (table === undefined) return undefined;
  refuseWithoutTimes(table);
  refuseOtherRows(bound, table);
  return table;
}

/** Binds the table's columns to the rows themselves and removes the table from upstream. */
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

/** The function that is the first input, if there is one. */
function firstUpstream({ columns, upstream }: BoundFunction): BoundFunction | undefined {
  const [first] = columns;
  return first?.from === "function" ? upstream[first.upstream] : undefined;
}

/** The table's reader checks tables further upstream. */
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

/** The table's rows cannot be combined with columns of the dataset it was made from. */
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
