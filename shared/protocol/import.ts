import type { SessionHours } from "../time/sessions.ts";
import type { DatasetKind, DatasetLayout } from "./dataset-kind.ts";
import type { ImportOptions } from "./import-options.ts";
import type { Reason, Warning } from "./import-reasons.ts";

/** What to import, as plain JSON. */
export interface ImportRequest extends ImportOptions {
  readonly dataset: string;
  /** Paths of files, oldest first: if two rows have the same key, the row of the later file is kept. */
  readonly files: readonly string[];
  /** Trading hours in place of a named calendar, with their own zone. */
  readonly sessions?: SessionHours & { readonly timezone: string };
}

export type ImportStage =
  "fingerprint" | "inspect" | "stage" | "profile" | "partition" | "write" | "quarantine" | "commit";

export interface ImportProgress {
  readonly stage: ImportStage;
  readonly done: number;
  readonly total: number;
}

/** A fact that the request left out, the value that was inferred, and the evidence for it. */
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
  /** Counts of kept rows; one row may be counted under several warnings. */
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
  /** Null if every file had been imported before, so that nothing was done. */
  readonly importId: string | null;
  /** Whether the stored rows differ from those before. */
  readonly changed: boolean;
  readonly fingerprint: string;
  readonly files: readonly FileReport[];
  readonly total: RowTally;
  /** Rows of earlier imports that this one replaced; its quarantine file holds them as well. */
  readonly replacedRows: number;
  /** Rows of the whole dataset after the import. */
  readonly datasetRows: number;
  readonly symbolCount: number;
  readonly inferred: readonly InferredFact[];
  readonly stages: readonly { readonly stage: ImportStage; readonly seconds: number }[];
  readonly written: readonly {
    readonly path: string;
    readonly rowCount: number;
    readonly byteLength: number;
  }[];
  /** Relative to the data directory; null if no row was quarantined. */
  readonly quarantineFile: string | null;
}
