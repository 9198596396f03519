import type { DatasetKind, DatasetLayout } from "../store/dataset.ts";
import type { ImportStage } from "./import-request.ts";
import type { Reason, Warning } from "./reasons.ts";

/** A fact that was not given, what it was taken to be, and why. */
export interface InferredFact {
  readonly fact: string;
  readonly value: string;
  readonly why: string;
}

/** `in = kept + the sum of quarantined`. */
export interface RowTally {
  readonly in: number;
  readonly kept: number;
  readonly quarantined: Readonly<Partial<Record<Reason, number>>>;
  /** Kept all the same; one row may be counted under several. */
  readonly warnings: Readonly<Partial<Record<Warning, number>>>;
}

export interface FileReport extends RowTally {
  readonly path: string;
  readonly status: "imported" | "already-imported";
}

/** What an import did, as plain data. */
export interface ImportReport {
  readonly dataset: string;
  readonly kind: DatasetKind;
  readonly layout: DatasetLayout;
  /** Null when every file was there already and nothing was done. */
  readonly importId: string | null;
  /** Whether the stored rows are others than before. */
  readonly changed: boolean;
  readonly fingerprint: string;
  readonly files: readonly FileReport[];
  readonly total: RowTally;
  /** Rows of earlier imports that gave way to rows of this one; they are in its quarantine file too. */
  readonly replacedRows: number;
  /** Rows of the whole dataset afterwards. */
  readonly datasetRows: number;
  readonly symbolCount: number;
  readonly inferred: readonly InferredFact[];
  readonly stages: readonly { readonly stage: ImportStage; readonly seconds: number }[];
  readonly written: readonly {
    readonly path: string;
    readonly rowCount: number;
    readonly byteLength: number;
  }[];
  /** Relative to the data directory; null when no row was quarantined. */
  readonly quarantineFile: string | null;
}
