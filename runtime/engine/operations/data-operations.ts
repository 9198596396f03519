import { loadColumns } from "../../load/fill/load-columns.ts";
import { loadIndex } from "../../load/fill/load-index.ts";
import { matchColumns } from "../../load/fill/match-columns.ts";
import { orderByTime } from "../../load/fill/order-by-time.ts";
import { invertOrder, reorderColumns } from "../../load/fill/reorder-columns.ts";
import type { EngineHandlers } from "../engine-handler.ts";
import { arrowRows } from "./arrow-rows.ts";
import { importDataset } from "./import-dataset.ts";
import { ping } from "./ping.ts";

/** The operations of the engine process for data. */
export const DATA_OPERATIONS: EngineHandlers = {
  ping,
  import: importDataset,
  "load-index": loadIndex,
  "load-columns": loadColumns,
  "match-columns": matchColumns,
  "order-by-time": orderByTime,
  "reorder-columns": reorderColumns,
  "invert-order": invertOrder,
  "arrow-rows": arrowRows,
};
