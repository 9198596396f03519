import type { ColumnType } from "../../../shared/contract/index.ts";
import type { ResolvedColumn, ResolvedFunction } from "../../../shared/contract/describe.ts";

export interface ColumnNeed {
  readonly name: string;
  readonly type: ColumnType;
  /** Whether every function that reads the column accepts nulls. */
  readonly nullable: boolean;
}

/** A dataset other than the bars, by name. */
export interface DatasetNeed {
  readonly name: string;
  readonly kind: "series" | "attributes";
  /** Whether it has a row for every day, or only for some. */
  readonly dense: boolean;
  readonly columns: readonly ColumnNeed[];
  readonly symbols: readonly string[];
}

/** Everything that a set of functions reads, which the market must therefore contain. */
export interface MarketNeeds {
  readonly columns: readonly ColumnNeed[];
  readonly symbols: readonly string[];
  readonly datasets: readonly DatasetNeed[];
}

/** Resolves a function by name and parameters. */
export type Resolve = (name: string, params: Readonly<Record<string, unknown>>) => Promise<ResolvedFunction>;

/** Collects what functions read, directly and through other functions. */
export async function marketNeeds(
  functions: readonly ResolvedFunction[],
  resolve: Resolve,
): Promise<MarketNeeds> {
  const own = new Map<string, ColumnNeed>();
  const symbols = new Set<string>();
  const datasets = new Map<string, DatasetNeed>();
  const note = (need: DatasetNeed) => {
    const before = datasets.get(need.name);
    const columns = new Map((before?.columns ?? []).map((column) => [column.name, column]));
    for (const column of need.columns) columns.set(column.name, column);
    datasets.set(need.name, {
      ...need,
      dense: need.dense || before?.dense === true,
      columns: [...columns.values()],
      symbols: [...new Set([...(before?.symbols ?? []), ...need.symbols])],
    });
  };
  const seen = new Set<string>();
  const visitUpstream = async (name: string, params: Readonly<Record<string, unknown>>) => {
    // Visits each function once; a cycle is refused when it is run.
    const id = `${name}${JSON.stringify(params)}`;
    if (seen.has(id)) return;
    seen.add(id);
    await visit(await resolve(name, params));
  };
  const visit = async ({ inputs }: ResolvedFunction): Promise<void> => {
    for (const input of inputs) {
      const columns = input.columns.map(toNeed);
      if (input.kind === "function") await visitUpstream(input.function, input.params);
      else if (input.kind === "attributes")
        note({ name: input.dataset, kind: "attributes", dense: true, columns, symbols: [] });
      else if (input.dataset !== null) {
        const named = input.kind === "broadcast" ? [input.symbol] : [];
        note({
          name: input.dataset,
          kind: "series",
          dense: input.match === "exact",
          columns,
          symbols: named,
        });
      } else {
        if (input.kind === "broadcast") symbols.add(input.symbol);
        for (const column of columns) {
          const before = own.get(column.name);
          own.set(column.name, { ...column, nullable: column.nullable && (before?.nullable ?? true) });
        }
      }
    }
  };
  for (const resolved of functions) await visit(resolved);
  return { columns: [...own.values()], symbols: [...symbols], datasets: [...datasets.values()] };
}

function toNeed({ name, type, nullable }: ResolvedColumn): ColumnNeed {
  // Null floats arrive as NaN, and null text as a special code.
  return { name, type, nullable: nullable || type === "float64" || type === "float32" || type === "utf8" };
}
