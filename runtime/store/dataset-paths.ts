import { join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";

/** Where the files of one dataset lie. */
export interface DatasetPaths {
  readonly dir: string;
  readonly record: string;
  readonly bars: string;
  readonly quarantine: string;
  /** Everything an unfinished import has written; removed at the next start. */
  readonly staging: string;
  readonly features: string;
  readonly labels: string;
}

const NAME = /^[a-z][a-z0-9-]*$/;

/** Paths of a dataset; a name that could not be one is refused, so no path ever leaves the data directory. */
export function datasetPaths(dataDir: string, name: string): DatasetPaths {
  assertName(name, "dataset");
  const dir = join(dataDir, name);
  return {
    dir,
    record: join(dir, "dataset.json"),
    bars: join(dir, "bars"),
    quarantine: join(dir, "quarantine"),
    staging: join(dir, ".staging"),
    features: join(dir, "features"),
    labels: join(dir, "labels"),
  };
}

/** Refuses a name that is not lower-case letters, digits and hyphens after a first letter. */
export function assertName(name: string, what: string): void {
  if (NAME.test(name)) return;
  throw new QuiverError(
    "invalid-name",
    `Cannot use ${JSON.stringify(name)} as the name of a ${what}: expected lower-case letters, digits and hyphens after a first letter, for example "us-daily".`,
    { name, what },
  );
}
