/** What is known of a training set before its first row. */
export interface TrainingReport {
  readonly rowCount: number;
  /** Rows whose symbol none of the datasets has. */
  readonly unknownSymbolRows: number;
  /** What an entity's `ts` was taken to be. */
  readonly ts: "date" | "instant";
  readonly sets: readonly SetReport[];
  readonly splits: readonly { readonly column: string; readonly rows: Readonly<Record<string, number>> }[];
}

export interface SetReport {
  /** Rows with a bar that was known, and not too old. */
  readonly matchedRows: number;
  /** Rows that got an earlier bar because the latest one rests on what was restated afterwards. */
  readonly heldRows: number;
}

/** The head of an engine's answer. */
export interface TrainingHead {
  readonly mediaType: string;
  readonly report: TrainingReport;
}
