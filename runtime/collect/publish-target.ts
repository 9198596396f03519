import { join } from "node:path";
import { datasetPaths } from "../store/dataset-paths.ts";

/** The feature set to publish to. */
export interface PublishTarget {
  readonly dataDir: string;
  readonly dataset: string;
  readonly name: string;
  readonly kind: "feature" | "label";
}

/** Folder with the set's versions. */
export function setDirOf({ dataDir, dataset, name, kind }: PublishTarget): string {
  const paths = datasetPaths(dataDir, dataset);
  return join(kind === "feature" ? paths.features : paths.labels, name);
}

/** Folder of unfinished versions, beside the finished ones: on the same disk, so that a rename publishes. */
export const STAGING = ".staging";
