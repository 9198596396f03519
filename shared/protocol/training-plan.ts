/** The format of the entity rows. */
export type EntityKind = "arrow" | "csv" | "parquet";

/** What to do with values that depend on observations which were restated later. */
export type Restated = "hold" | "allow";

/** A training set as plain data: the server makes the plan, and the engine process carries it out. */
export interface TrainingPlan {
  readonly entities: { readonly path: string; readonly kind: EntityKind };
  /** Zone of entity times written without one; null refuses them. */
  readonly timezone: string | null;
  readonly sets: readonly PlannedSet[];
  /** The columns that are added to those of the entity rows, in order. */
  readonly outputs: readonly PlannedOutput[];
  readonly restated: Restated;
  /** Values of bars that ended longer ago are null; null for no such limit. */
  readonly maxAgeMicros: number | null;
  readonly split: SplitPlan | null;
}

/** One version of a feature or label set, and when its values were known. */
export interface PlannedSet {
  readonly dataset: string;
  /** Fingerprint of the dataset at the time of planning. */
  readonly datasetVersion: string;
  readonly name: string;
  readonly kind: "feature" | "label";
  readonly version: string;
  /** The moment as of which the values were computed, if the dataset is bitemporal; otherwise null. */
  readonly asOfMicros: number | null;
  readonly reach: Reach;
}

/** Which observations of its own dataset a version's values may depend on, in addition to those of earlier bars. */
export interface Reach {
  /** Columns that are read; null if that is unknown. */
  readonly columns: readonly string[] | null;
  /** Whether other symbols are read too. */
  readonly isAcross: boolean;
}

export interface PlannedOutput {
  /** Index into `sets`. */
  readonly set: number;
  readonly column: string;
  /** The requested name; null for the column's own name. */
  readonly alias: string | null;
}

/** Walk-forward rounds or folds. A row's label covers the time from the row's moment to its horizon. */
export interface SplitPlan {
  readonly rounds: readonly SplitRound[] | { readonly column: string };
  readonly horizon: { readonly bars: number } | { readonly micros: number };
  readonly embargoMicros: number;
}

/**
 * A bound in microseconds. A date bounds instants at its start. The moment of a row that is a date is the end of that
 * date, so such rows are bounded at the start of the next date.
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
