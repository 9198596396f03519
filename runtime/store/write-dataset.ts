import { datasetPaths } from "./dataset-paths.ts";
import type { DatasetRecord } from "./dataset.ts";
import { replaceDurablySync } from "./durable-files.ts";

/**
 * Commits a dataset's new state by replacing its record. Every file that the record names must already be in place and
 * flushed.
 */
export function writeDataset(dataDir: string, record: DatasetRecord): void {
  replaceDurablySync(datasetPaths(dataDir, record.name).record, `${JSON.stringify(record, undefined, 1)}\n`);
}
