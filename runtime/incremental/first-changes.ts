import type { ColumnSource } from "../../shared/protocol/row-set.ts";
import { asOfCutoff, knownTimeOf, type EventTime } from "../../shared/time/index.ts";
import type { StageOutline } from "../plan/plan-stages.ts";
import type { DatasetRecord } from "../store/dataset.ts";

/** From which event time on the inputs of symbols differ from before; those without one are as they were. */
export interface FirstChanges {
  readonly bySymbol: ReadonlyMap<string, EventTime>;
  /** Of every symbol, as when an index that all of them read has changed; null when there is none. */
  readonly ofAll: EventTime | null;
}

export interface ChangeSources {
  /** The dataset that the rows come from, as it is now. */
  readonly dataset: DatasetRecord;
  /** Versions of the datasets when the earlier version was computed. */
  readonly before: Readonly<Record<string, string>>;
  readonly recordOf: (dataset: string) => DatasetRecord;
  /** What imports changed between two versions; undefined when that is not known. */
  readonly changesBetween: (
    dataset: string,
    from: string,
    to: string,
    columns: ReadonlySet<string>,
  ) => ReadonlyMap<string, EventTime> | undefined;
}

/**
 * Traces changes of datasets to the symbols and times of the rows that read them. Undefined when they are not known, or
 * when a value may depend on them anywhere: attributes have no time, and what is matched by `following` reaches back.
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
      // Which of their rows was known to one of ours depends on when ours was.
      if (source.kind === "matched" && source.match === "known") own.add("known_at");
    }
  }
  return { own, others: [...others.values()] };
}

/** First event times of this dataset's rows that may see what changed in another. */
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
  // A row may be known long after its time, or before it: where the clocks do not say, anything may have changed.
  if (other.knownTime !== null || dataset.knownTime !== null) return undefined;
  const { clocks } = dataset;
  const theirs = other.clocks;
  if (clocks === null || theirs === null) return undefined;
  // The first of our rows that is known no earlier than the first of theirs that changed.
  const firstSeeing = (time: EventTime) => asOfCutoff(clocks, knownTimeOf(theirs, time) - 1) + 1;
  return new Map(Array.from(changed, ([symbol, time]) => [symbol, firstSeeing(time)]));
}
