import { join } from "node:path";
import type { Clocks } from "../../../shared/time/index.ts";
import { readDataset } from "../../store/read-dataset.ts";
import { writeDataset } from "../../store/write-dataset.ts";
import type { Bench } from "../open-bench.ts";
import { type BarRow, type BarTable, writeBarTable } from "./bar-table.ts";

export interface ImportHow {
  readonly isDaily: boolean;
  /** The rows of each file; a single file if absent. */
  readonly fileOf?: (row: BarRow, index: number) => number;
  /** The clocks of the dataset that the rows come from. */
  readonly clocks?: Clocks;
}

/** Imports rows into the bench's data directory. */
export async function importTable(
  bench: Bench,
  name: string,
  table: BarTable,
  how: ImportHow,
): Promise<void> {
  const { isDaily, fileOf = () => 0, clocks } = how;
  const files = Object.entries(Object.groupBy(table.rows, fileOf)).map(([number, rows]) => {
    const path = join(bench.scratchDir, `${name}-${number}.csv`);
    writeBarTable(path, table, rows ?? []);
    return path;
  });
  const options = {
    kind: table.kind,
    ...(table.kind === "attributes"
      ? {}
      : {
          timezone: clocks?.timezone ?? "America/New_York",
          stamp: clocks?.stamp ?? "start",
          intervalSeconds: isDaily ? ("1d" as const) : (clocks?.intervalSeconds ?? 60),
          calendar: clocks === undefined ? "us-equities" : "24x7",
          availabilitySeconds: clocks?.availabilitySeconds ?? 0,
          mapping: { symbol: "symbol", ts: "ts" },
          ...(table.kind === "bars" ? { allowNonPositivePrices: true } : {}),
        }),
  };
  const hooks = { onProgress: () => undefined, signal: new AbortController().signal };
  await bench.services.imports.run({ ...options, dataset: name, files }, hooks);
  // An import can only name a calendar, so hours without a name cannot be passed.
  if (clocks !== undefined) writeDataset(bench.dataDir, { ...readDataset(bench.dataDir, name), clocks });
}
