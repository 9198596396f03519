import { existsSync, mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { findFunctions } from "../catalog/find-functions.ts";
import type { Jobs } from "../jobs/job.ts";
import type { Settings } from "../settings.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { defaultDataset } from "../store/default-dataset.ts";
import type { Invoker } from "../invoke/invocation.ts";
import { listDatasets, readDataset, readSymbolIndex } from "../store/read-dataset.ts";
import { createCheckEntry } from "./check-entry.ts";
import { createSchedule } from "./create-schedule.ts";
import { createRunEntry, type RunEntryOptions } from "./run-entry.ts";
import type { Schedule } from "./schedule.ts";
import { openScheduleRecords } from "./schedule-records.ts";

export interface WireScheduleOptions {
  readonly settings: Settings;
  readonly jobs: Jobs;
  readonly invoker: Pick<Invoker, "check">;
  readonly graph: RunEntryOptions["graph"];
  readonly current: RunEntryOptions["current"];
  readonly report: (message: string) => void;
}

/** The schedule of a data directory and its functions. It opens nothing before it is started or viewed. */
export function wireSchedule({
  settings,
  jobs,
  invoker,
  graph,
  current,
  report,
}: WireScheduleOptions): Schedule {
  const database = join(settings.data, "quiver.db");
  return createSchedule({
    file: resolve(settings.schedule === "" ? besideFunctions(settings) : settings.schedule),
    isNamed: settings.schedule !== "",
    zoneOf: (dataset) => zoneOf(settings, dataset),
    functionNames: async () => (await findFunctions(resolve(settings.functions))).map(({ name }) => name),
    datasetNames: () => listDatasets(settings.data),
    check: createCheckEntry({ invoker, datasetOf: (dataset) => datasetOf(settings, dataset) }),
    openRecords: () => {
      mkdirSync(settings.data, { recursive: true });
      return openScheduleRecords(database);
    },
    hasRecords: () => existsSync(database),
    run: createRunEntry({ jobs, graph, current }),
    report,
  });
}

function besideFunctions({ functions }: Settings): string {
  return join(dirname(resolve(functions)), "schedule.json");
}

function recordOf({ data, defaultDataset: preferred }: Settings, dataset: string | undefined): DatasetRecord {
  return readDataset(data, dataset ?? defaultDataset(data, preferred));
}

function datasetOf(settings: Settings, dataset: string | undefined) {
  const record = recordOf(settings, dataset);
  return { name: record.name, symbols: readSymbolIndex(settings.data, record).symbols };
}

/** The zone of a dataset's clocks; UTC if the dataset does not exist yet or has no clocks. */
function zoneOf(settings: Settings, dataset: string | undefined): string {
  try {
    return recordOf(settings, dataset).clocks?.timezone ?? "UTC";
  } catch {
    // A later run reports what is wrong with the dataset.
    return "UTC";
  }
}
