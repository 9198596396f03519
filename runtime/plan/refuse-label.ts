import { QuiverError } from "../../shared/errors/index.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";

/** Refuses a label as the input of a feature: labels look ahead, features must not. */
export function refuseLabel(entry: CatalogEntry, input: string, upstream: CatalogEntry): void {
  if (upstream.description.kind === "feature" || entry.description.kind === "label") return;
  throw new QuiverError(
    "input-invalid",
    `Cannot bind the input ${JSON.stringify(input)} of ${JSON.stringify(entry.name)} to ${JSON.stringify(upstream.name)}: it is a ` +
      'label, which looks ahead, and a feature must not. Declare `kind: "label"` if the function looks ahead too.',
    { function: entry.name, input, upstream: upstream.name },
  );
}
