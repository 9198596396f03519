import { statSync } from "node:fs";
import { datasetPaths } from "./dataset-paths.ts";
import type { DatasetRecord, SymbolIndex } from "./dataset.ts";
import { readDataset, readSymbolIndex } from "./read-dataset.ts";

/** A dataset as it is now: its record, and its symbol index, which is read on first use. */
export interface CachedDataset {
  readonly record: DatasetRecord;
  index(): SymbolIndex;
}

/** Records of datasets for use on every call: each is read again only after `dataset.json` was replaced. */
export interface DatasetCache {
  /** Throws `unknown-dataset`. */
  get(name: string): CachedDataset;
}

export function createDatasetCache(dataDir: string): DatasetCache {
  const known = new Map<string, { readonly stamp: string; readonly dataset: CachedDataset }>();
  return {
    get(name) {
      const stat = statSync(datasetPaths(dataDir, name).record, { throwIfNoEntry: false });
      const stamp = stat === undefined ? "" : `${stat.ino}/${stat.mtimeMs}/${stat.size}`;
      const cached = known.get(name);
      if (cached !== undefined && cached.stamp === stamp) return cached.dataset;
      const record = readDataset(dataDir, name);
      let index: SymbolIndex | undefined;
      const dataset: CachedDataset = { record, index: () => (index ??= readSymbolIndex(dataDir, record)) };
      known.set(name, { stamp, dataset });
      return dataset;
    },
  };
}
