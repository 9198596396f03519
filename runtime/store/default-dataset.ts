import { QuiverError } from "../../shared/errors/index.ts";
import { listDatasets } from "./read-dataset.ts";

/** The dataset of an invocation that names none: that of the setting, or else the only existing one. */
export function defaultDataset(dataDir: string, preferred: string): string {
  const known = listDatasets(dataDir);
  const [only] = known;
  if (known.includes(preferred)) return preferred;
  if (only !== undefined && known.length === 1) return only;
  const have = known.length === 0 ? "there is none yet" : `there are ${known.join(", ")}`;
  throw new QuiverError(
    "unknown-dataset",
    known.length === 0
      ? 'Cannot choose a dataset: there is none yet. "quiver import <dataset> <files…>" or "npm run demo" makes one.'
      : `Cannot choose a dataset: none was named, ${have}, and none of them is the default ${JSON.stringify(preferred)}. Name one with \`dataset\`.`,
    { field: "dataset", known },
  );
}
