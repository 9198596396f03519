import { existsSync, statSync } from "node:fs";
import { QuiverError } from "../../shared/errors/index.ts";
import type { CheckEntry } from "./check-entry.ts";
import { readScheduleFile } from "./schedule-file.ts";
import type { ScheduleEntry } from "./schedule.ts";

/** The schedule's file, and what its entries are checked against. */
export interface ScheduleSource {
  exists(): boolean;
  /** Reads and checks all entries; rejects with `schedule-invalid`. A file that need not exist may be missing. */
  read(now: Date): Promise<readonly ScheduleEntry[]>;
  /** Whether the file has changed since the last call, or since the source was made. */
  hasChanged(): boolean;
}

export interface ScheduleSourceOptions {
  readonly file: string;
  /** Whether the user named the file: then it must exist. */
  readonly isNamed: boolean;
  readonly zoneOf: (dataset: string | undefined) => string;
  readonly functionNames: () => Promise<readonly string[]>;
  readonly datasetNames: () => readonly string[];
  readonly check: CheckEntry;
}

export function createScheduleSource(options: ScheduleSourceOptions): ScheduleSource {
  const { file, zoneOf } = options;
  let stamp = stampOf(file);
  return {
    exists: () => existsSync(file),
    async read(now) {
      if (options.isNamed && !existsSync(file)) throw missing(file);
      if (!existsSync(file)) return [];
      const functions = await options.functionNames();
      const datasets = options.datasetNames();
      const entries = readScheduleFile(file, { zoneOf, functions, datasets, now });
      for (const entry of entries) await options.check(file, entry);
      return entries;
    },
    hasChanged() {
      const before = stamp;
      stamp = stampOf(file);
      return stamp !== before;
    },
  };
}

/** Identifies a file's content by its time and size. */
function stampOf(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.mtimeMs} ${stat.size}`;
}

function missing(file: string): QuiverError {
  return new QuiverError(
    "schedule-invalid",
    `Cannot find the schedule ${file}: it does not exist. Give another with --schedule, or leave it out.`,
    { file },
  );
}
