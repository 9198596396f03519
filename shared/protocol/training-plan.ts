/** What entity rows come as. */
export type EntityKind = "arrow" | "csv" | "parquet";

/** What to do with values that rest on observations which were restated later. */
export type Restated = "hold" | "allow";

/** A training set as plain data: what the server decides, and the engine process does. */
export interface TrainingPlan {
  readonly entities: { readonly path: string; readonly kind: EntityKind };
  /** Zone of entity times written without one; null refuses them. */
  readonly timezone: string | null;
  readonly sets: readonly PlannedSet[];
  /** Columns of the answer after the entity's own, in their order. */
  readonly outputs: readonly PlannedOutput[];
  readonly restated: Restated;
  /** Values of bars that ended longer ago are null; null for no such limit. */
  readonly maxAgeMicros: number | null;
  readonly split: SplitPlan | null;
}

/** One version of a feature or label set, and what is known of its knowledge. */
export interface PlannedSet {
  readonly dataset: string;
  /** Fingerprint of the dataset when this was planned. */
  readonly datasetVersion: string;
  readonly name: string;
  readonly kind: "feature" | "label";
  readonly version: string;
  /** Of a bitemporal dataset the moment whose knowledge the values are of; null for any other. */
  readonly asOfMicros: number | null;
  readonly reach: Reach;
}

/** Which observations of its own dataset a version's values may rest on, besides those of earlier bars. */
export interface Reach {
  /** Columns that are read; null where that cannot be told. */
  readonly columns: readonly string[] | null;
  /** Whether other symbols are read too. */
  readonly isAcross: boolean;
}

export interface PlannedOutput {
  /** Index into `sets`. */
  readonly set: number;
  readonly column: string;
  /** The name asked for; null leaves it to the column's own. */
  readonly alias: string | null;
}

/** Walk-forward rounds or folds. A row's label is of the time from its moment to its horizon. */
export interface SplitPlan {
  readonly rounds: readonly SplitRound[] | { readonly column: string };
  readonly horizon: { readonly bars: number } | { readonly micros: number };
  readonly embargoMicros: number;
}

/**
 * A bound in microseconds. A date bounds instants at its start; a row that is a date itself has its end for a moment,
 * which is the start of the next one, so that such rows are bounded there.
 */
export interface SplitBound {
  readonly ofInstants: number;
  readonly ofDates: number;
}

/** One test side: moments from `from` (inclusive) to `to` (exclusive, null for no end). */
export interface SplitRound {
  readonly column: string;
  readonly from: SplitBound;
  readonly to: SplitBound | null;
  /** Whether rows after the test side train too. */
  readonly trainsAfter: boolean;
}
