import type { ColumnRequest, RowOrder, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { PlanInput } from "./plan-input.ts";
import { outlineStages, type StageOutline } from "./plan-stages.ts";
import { windowOf } from "./plan-window.ts";
import type { Window } from "./select-units.ts";

/** What must be opened before rows can be decided. */
export interface PlanOutline {
  readonly stages: readonly StageOutline[];
  readonly rowSets: Readonly<Partial<Record<RowOrder, RowSetKey>>>;
  readonly window: Window;
  readonly needsTimes: boolean;
}

/** Larger selections of symbols read the whole row set. */
const SCOPED_SYMBOLS_MAX = 64;

/** The first half of planning: decides stages and row sets. `isLoaded` reports whether the whole row set is loaded. */
export function outlinePlan(
  input: PlanInput,
  isLoaded: (key: RowSetKey, columns: readonly ColumnRequest[]) => boolean,
): PlanOutline {
  const { bound, dataset, symbols } = input;
  const stages = outlineStages(bound);
  const whole = {
    dataset: dataset.name,
    version: dataset.fingerprint,
    asOfMicros: input.asOfMicros,
    symbols: null,
  };
  const orders = new Set(stages.map((stage) => stage.order));
  const { partition } = bound.entry.description;
  const rowSets: Partial<Record<RowOrder, RowSetKey>> = {};
  if (orders.has("time-symbol")) rowSets["time-symbol"] = { ...whole, order: "time-symbol" };
  if (orders.has("symbol-time")) {
    const key: RowSetKey = { ...whole, order: "symbol-time" };
    const mayScope = symbols !== null && !orders.has("time-symbol");
    const scope = mayScope && (partition === "whole" || symbols.length <= SCOPED_SYMBOLS_MAX);
    const columns = columnsOf(stages, "symbol-time");
    const useWhole = !scope || (partition !== "whole" && isLoaded(key, columns));
    rowSets["symbol-time"] = useWhole ? key : { ...key, symbols };
  }
  const window = windowOf(input, dataset);
  const isTable = bound.entry.description.shape === "table";
  const outputs = isTable ? { ...window, from: null, to: null } : window;
  const needsTimes =
    orders.has("symbol-time") &&
    (outputs.from !== null || outputs.to !== null || outputs.knownUntil !== null);
  return { stages, rowSets, window: outputs, needsTimes };
}

/** Every column that stages of an order read from its row set, once each; `ts` first. */
export function columnsOf(
  stages: readonly Pick<StageOutline, "order" | "columns">[],
  order: RowOrder,
): ColumnRequest[] {
  const requests = new Map<string, ColumnRequest>();
  const add = (request: ColumnRequest) => requests.set(JSON.stringify(request), request);
  for (const stage of stages) {
    if (stage.order !== order) continue;
    for (const column of stage.columns) if (column.from === "row-set") add(column.request);
  }
  return [...requests.values()];
}
