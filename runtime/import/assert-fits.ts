import { QuiverError } from "../../shared/errors/index.ts";
import type { DatasetKind } from "../../shared/protocol/dataset-kind.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { PlannedValue, SourceGroup } from "./import-plan.ts";

/** Refuses files whose columns, kind or times differ from each other or from the existing dataset. */
export function assertFits(
  groups: readonly SourceGroup[],
  kind: DatasetKind,
  daily: boolean,
  bitemporal: boolean,
  values: readonly PlannedValue[],
  existing: DatasetRecord | undefined,
): void {
  const wanted = existing === undefined ? values.map((value) => value.name) : valueNames(existing);
  const owner = existing === undefined ? "the files beside it" : `the dataset ${existing.name}`;
  for (const group of groups) {
    const names = group.map.values.map((value) => value.name);
    const missing = wanted.filter((name) => !names.includes(name));
    const extra = names.filter((name) => !wanted.includes(name));
    if (missing.length === 0 && extra.length === 0) continue;
    const parts = [
      ...(missing.length === 0 ? [] : [`it lacks ${missing.join(", ")}`]),
      ...(extra.length === 0 ? [] : [`it also has ${extra.join(", ")}`]),
    ];
    throw new QuiverError(
      "dataset-conflict",
      `Cannot import ${group.files[0]!.path}: its columns differ from those of ${owner}: ${parts.join(", and ")}. Map columns with --map, leave some out with --ignore, or import it into a separate dataset.`,
      { path: group.files[0]!.path, missing, extra },
    );
  }
  if (existing === undefined) return;
  const conflict = (what: string, has: string, given: string) =>
    new QuiverError(
      "dataset-conflict",
      `Cannot import ${groups[0]!.files[0]!.path} into the dataset ${existing.name}: the dataset has ${has}, the file ${given}. Import it into a separate dataset.`,
      { dataset: existing.name, what },
    );
  if (kind !== existing.kind)
    throw conflict("kind", `rows of the kind ${existing.kind}`, `rows of the kind ${kind}`);
  if (bitemporal !== (existing.knownTime !== null)) {
    throw conflict(
      "knownTime",
      existing.knownTime === null ? "no known time" : "a known time",
      bitemporal ? "has one" : "has none",
    );
  }
  if (existing.clocks !== null && daily !== (existing.clocks.intervalSeconds === "1d")) {
    throw conflict("interval", daily ? "intraday times" : "daily dates", daily ? "dates" : "times of day");
  }
}

function valueNames(record: DatasetRecord): string[] {
  return record.columns
    .map((column) => column.name)
    .filter((name) => !["symbol", "ts", "known_at"].includes(name));
}
