import type { ImportRequest } from "../../shared/protocol/import.ts";
import type { DatasetPaths } from "../store/dataset-paths.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { ImportContext } from "./import-context.ts";
import type { ImportDeps } from "./import-deps.ts";
import type { SourceFile } from "./source-files.ts";

/** One import of files that the dataset does not have yet. */
export interface ImportTask {
  readonly context: ImportContext;
  readonly deps: ImportDeps;
  readonly request: ImportRequest;
  readonly sources: readonly SourceFile[];
  readonly paths: DatasetPaths;
  /** The dataset before the import; undefined if this import creates it. */
  readonly existing: DatasetRecord | undefined;
  readonly now: Date;
}
