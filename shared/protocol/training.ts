/** What is known about a training set before its first row. */
export interface TrainingReport {
  readonly rowCount: number;
  /** Number of rows whose symbol is in none of the datasets. */
  readonly unknownSymbolRows: number;
  /** How an entity's `ts` was interpreted. */
  readonly ts: "date" | "instant";
  readonly sets: readonly SetReport[];
  readonly splits: readonly { readonly column: string; readonly rows: Readonly<Record<string, number>> }[];
}

export interface SetReport {
  /** Number of rows with a bar that was known and not too old. */
  readonly matchedRows: number;
  /** Number of rows that got an earlier bar because the latest one depends on data that was restated afterwards. */
  readonly heldRows: number;
  /** Number of matched rows of later days than the version's last bar. */
  readonly laterRows: number;
}
