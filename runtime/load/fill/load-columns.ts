import { join } from "node:path";
import type { LoadColumnsEnd } from "../../../shared/protocol/engine.ts";
import type { EngineHandler } from "../../engine/engine-handler.ts";
import { columnStem } from "../column-stem.ts";
import { planColumns } from "./column-plan.ts";
import { createColumnSink, loadedColumns } from "./column-sink.ts";
import { fillInOrder } from "./fill-in-order.ts";
import { fillReordered } from "./fill-reordered.ts";
import { fillSymbols, isSymbolColumn } from "./fill-symbols.ts";
import { selectRows } from "./row-selection.ts";
import { startReadCounter } from "./read-counter.ts";
import type { FillJob } from "./fill-job.ts";

/** Fills the files of a `symbol-time` row set's own columns. */
export const loadColumns: EngineHandler<"load-columns"> = async (
  { key, dir, columns },
  call,
  context,
): Promise<LoadColumnsEnd> => {
  const statistics = startReadCounter();
  const version = context.datasets.open(key.dataset, key.version);
  const rows = selectRows(version.record, key);
  const stored = columns.filter((column) => !isSymbolColumn(column));
  try {
    const plans = await planColumns(version, rows, stored, context.database);
    const sink = createColumnSink((event) =>
      call.event({ ...event, column: columns.indexOf(plans[event.column]!.request) }),
    );
    const job: FillJob = {
      version,
      key,
      dir,
      partRows: context.partRows,
      ...rows,
      plans,
      sink,
      database: context.database,
      signal: call.signal,
      pathOf: (column, part) => join(dir, `${columnStem(plans[column]!.request)}-${part}.arrow`),
    };
    const rowCount =
      version.record.layout === "ordered" && key.recent === undefined
        ? await fillInOrder(job, context.segments)
        : await fillReordered(job);
    const loaded = loadedColumns(plans, sink);
    for (const request of columns.filter(isSymbolColumn)) {
      loaded.push(
        fillSymbols(request, dir, context.partRows, (event) =>
          call.event({ ...event, column: columns.indexOf(request) }),
        ),
      );
    }
    loaded.sort((a, b) => columns.indexOf(a.request) - columns.indexOf(b.request));
    return { columns: loaded, statistics: statistics(rowCount) };
  } catch (error) {
    throw context.datasets.explain(version, error);
  }
};
