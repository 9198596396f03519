import { join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";

/** The folders and files of one dataset. */
export interface DatasetPaths {
  readonly dir: string;
  readonly record: string;
  readonly bars: string;
  /** A copy of the latest bars. */
  readonly recent: string;
  readonly quarantine: string;
  /** What each import changed. */
  readonly changes: string;
  /** Everything an unfinished import has written; removed at the next start. */
  readonly staging: string;
  readonly features: string;
  readonly labels: string;
}

const NAME = /^[a-z][a-z0-9-]*$/;

/** The paths of a dataset. Invalid names are refused, so that no path leaves the data directory. */
export function datasetPaths(dataDir: string, name: string): DatasetPaths {
  assertName(name, "dataset");
  const dir = join(dataDir, name);
  return {
    dir,
    record: join(dir, "dataset.json"),
    bars: join(dir, "bars"),
    recent: join(dir, "recent"),
    quarantine: join(dir, "quarantine"),
    changes: join(dir, "changes"),
    staging: join(dir, ".staging"),
    features: join(dir, "features"),
    labels: join(dir, "labels"),
  };
}

/** A valid name close to the given one: `My RSI` becomes `my-rsi`. */
function nameFrom(typed: string): string {
  const name = typed
    // Accents are dropped, and camel case is split into words.
    .normalize("NFD")
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/([a-z0-9])([A-Z])/g, "$1-$2")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  return name === "" ? "us-daily" : name;
}

/** Throws `invalid-name` unless the name consists of lower-case letters, digits and hyphens and starts with a letter. */
export function assertName(name: string, what: string): void {
  if (NAME.test(name)) return;
  throw new QuiverError(
    "invalid-name",
    `Cannot use ${JSON.stringify(name)} as the name of a ${what}: expected lower-case letters, digits and hyphens after a first letter, for example ${JSON.stringify(nameFrom(name))}.`,
    { name, what },
  );
}
