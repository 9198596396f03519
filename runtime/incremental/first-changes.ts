import type { ColumnSource } from "../../shared/protocol/row-set.ts";
import { asOfCutoff, knownTimeOf, type EventTime } from "../../shared/time/index.ts";
import type { StageOutline } from "../plan/plan-stages.ts";
import type { DatasetRecord } from "../store/dataset.ts";

/** The event time from which the inputs of each symbol have changed; symbols without one have not changed. */
export interface FirstChanges {
  readonly bySymbol: ReadonlyMap<string, EventTime>;
  /** The change that affects every symbol, such as that of an index which all of them read; null if there is none. */
  readonly ofAll: EventTime | null;
}

export interface ChangeSources {
  /** The dataset that provides the rows, at its current version. */
  readonly dataset: DatasetRecord;
  /** The versions of the datasets that the earlier version was computed from. */
  readonly before: Readonly<Record<string, string>>;
  readonly recordOf: (dataset: string) => DatasetRecord;
  /** What imports changed between two versions; undefined if unknown. */
  readonly changesBetween: (
    dataset: string,
    from: string,
    to: string,
    columns: ReadonlySet<string>,
  ) => ReadonlyMap<string, EventTime> | undefined;
}

/**
 * Traces changes of datasets to the symbols and times of the rows that read them. Undefined if the changes are
 * unknown, or if any value may depend on them: attributes have no time, and a `following` match reaches back.
 */
export function firstChangesOf(
  stages: readonly StageOutline[],
  sources: ChangeSources,
): FirstChanges | undefined {
  const { dataset, before, changesBetween } = sources;
  const was = before[dataset.name];
  const reads = columnsRead(stages);
  const own =
    was === undefined ? undefined : changesBetween(dataset.name, was, dataset.fingerprint, reads.own);
  if (own === undefined) return undefined;
  const bySymbol = new Map(own);
  let ofAll: EventTime | null = null;
  for (const { source, columns } of reads.others) {
    if (before[source.dataset] === source.version) continue;
    const changed = changesOfSource(source, columns, sources);
    if (changed === undefined) return undefined;
    const broadcast = source.kind === "matched" ? source.broadcast : null;
    for (const [symbol, time] of changed) {
      if (broadcast === null) bySymbol.set(symbol, Math.min(time, bySymbol.get(symbol) ?? time));
      else if (symbol === broadcast) ofAll = Math.min(time, ofAll ?? time);
    }
  }
  return { bySymbol, ofAll };
}

type OtherSource = Exclude<ColumnSource, { readonly kind: "own" }>;

interface ColumnsRead {
  readonly own: ReadonlySet<string>;
  readonly others: readonly { readonly source: OtherSource; readonly columns: ReadonlySet<string> }[];
}

function columnsRead(stages: readonly StageOutline[]): ColumnsRead {
  const own = new Set<string>();
  const others = new Map<string, { source: OtherSource; columns: Set<string> }>();
  for (const { columns } of stages) {
    for (const column of columns) {
      if (column.from !== "row-set") continue;
      const { name, source } = column.request;
      if (source.kind === "own") {
        own.add(name);
        continue;
      }
      const id = JSON.stringify(source);
      const known = others.get(id) ?? { source, columns: new Set<string>() };
      known.columns.add(name);
      others.set(id, known);
      // Which of the other dataset's rows a row sees depends on when that row was known.
      if (source.kind === "matched" && source.match === "known") own.add("known_at");
    }
  }
  return { own, others: [...others.values()] };
}

/** The first event times of this dataset's rows that may see a change of another dataset. */
function changesOfSource(
  source: OtherSource,
  columns: ReadonlySet<string>,
  { dataset, before, recordOf, changesBetween }: ChangeSources,
): ReadonlyMap<string, EventTime> | undefined {
  const was = before[source.dataset];
  if (was === undefined || source.kind === "attributes" || source.match === "following") return undefined;
  const changed = changesBetween(source.dataset, was, source.version, columns);
  if (changed === undefined || source.match === "exact") return changed;
  const other = recordOf(source.dataset);
  // A row may become known long after its time, or before it: without clocks that say so, anything may have
  // changed.
  if (other.knownTime !== null || dataset.knownTime !== null) return undefined;
  const { clocks } = dataset;
  const theirs = other.clocks;
  if (clocks === null || theirs === null) return undefined;
  // The earliest of our rows that was known no earlier than the first changed row of theirs.
  const firstSeeing = (time: EventTime) => asOfCutoff(clocks, knownTimeOf(theirs, time) - 1) + 1;
  return new Map(Array.from(changed, ([symbol, time]) => [symbol, firstSeeing(time)]));
}
