import type { FeatureDefinition, TableDefinition } from "../../shared/contract/definition.ts";
import type { LoadedDefinition } from "./load-definition.ts";

/** Periodically reports the share of a partition's rows that is done. */
export interface PartitionProgress {
  add(rowCount: number): void;
}

export interface PartitionProgressOptions {
  readonly rowCount: number;
  /** Minimum time between reports. */
  readonly everyMs: number;
  /** Receives a number from 0 to 1. */
  readonly send: (share: number) => void;
}

/** The clock is read once per unit, never once per row. It is captured now, because author code may replace it. */
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

/** The same definition with a handler that counts the rows of each unit it has finished. */
export function countingRows(loaded: LoadedDefinition, progress: PartitionProgress): LoadedDefinition {
  if (loaded.shape === "feature") {
    const { definition } = loaded;
    const handler: FeatureDefinition["handler"] = (inputs, out, context) => {
      // A handler must return nothing; a return value is passed on and refused elsewhere.
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
