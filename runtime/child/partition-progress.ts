import type { FeatureDefinition, TableDefinition } from "../../shared/contract/definition.ts";
import type { LoadedDefinition } from "./load-definition.ts";

/** Tells the parent what share of a partition's rows is done, now and then. */
export interface PartitionProgress {
  add(rowCount: number): void;
}

export interface PartitionProgressOptions {
  readonly rowCount: number;
  /** How often at most. */
  readonly everyMs: number;
  /** Takes a number from 0 to 1. */
  readonly send: (share: number) => void;
}

/** The clock is looked at once a unit, never once a row. It is taken now: author code may replace it. */
export function createPartitionProgress({
  rowCount,
  everyMs,
  send,
}: PartitionProgressOptions): PartitionProgress {
  const { performance } = globalThis;
  const now = performance.now.bind(performance);
  let done = 0;
  let toldAt = now();
  return {
    add(rows) {
      done += rows;
      const at = now();
      if (at - toldAt < everyMs) return;
      toldAt = at;
      send(Math.min(1, done / rowCount));
    },
  };
}

/** The same definition, whose handler counts the rows of each unit it has finished. */
export function countingRows(loaded: LoadedDefinition, progress: PartitionProgress): LoadedDefinition {
  if (loaded.shape === "feature") {
    const { definition } = loaded;
    const handler: FeatureDefinition["handler"] = (inputs, out, context) => {
      // It must return nothing; what it does return is for others to refuse.
      const returned = definition.handler(inputs, out, context);
      progress.add(context.rowCount);
      return returned;
    };
    return { ...loaded, definition: { ...definition, handler } };
  }
  const { definition } = loaded;
  const handler: TableDefinition["handler"] = (inputs, context) => {
    const result = definition.handler(inputs, context);
    progress.add(context.rowCount);
    return result;
  };
  return { ...loaded, definition: { ...definition, handler } };
}
