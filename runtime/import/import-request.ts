import type { DuckDBConnection } from "@duckdb/node-api";
import type { SessionHours } from "../../shared/time/sessions.ts";
import type { DatasetKind } from "../store/dataset.ts";

/**
 * What to import and everything the caller knows about it. What is left out is taken from the dataset when it
 * exists, else inferred and told in the report. Plain JSON.
 */
export interface ImportRequest {
  readonly dataset: string;
  /** Paths of files, in the order in which they were made: of two rows with one key the later file's stands. */
  readonly files: readonly string[];
  readonly kind?: DatasetKind;
  /** Zone of times written without one. */
  readonly timezone?: string;
  readonly stamp?: "start" | "end";
  readonly calendar?: string;
  /** Trading hours in place of a named calendar, with their own zone. */
  readonly sessions?: SessionHours & { readonly timezone: string };
  readonly intervalSeconds?: number | "1d";
  readonly availabilitySeconds?: number;
  /** Canonical name to source column, `{ symbol: "ticker" }`; `ts` may be `"date+time"`. */
  readonly mapping?: Readonly<Record<string, string>>;
  /** Source columns to leave out. */
  readonly ignore?: readonly string[];
  /** Names of the columns of files without a header line, in order. */
  readonly columns?: readonly string[];
  readonly separator?: string;
  /** The symbol of all rows, for files that have no symbol column. */
  readonly symbol?: string;
  /** A regular expression with one group that finds the symbol in a file's name. */
  readonly symbolPattern?: string;
  /** Source column with the time from which on a row was known. */
  readonly knownAt?: string;
  /** strptime format of the event time, where it cannot be recognised or is ambiguous. */
  readonly timeFormat?: string;
  /** Prices are divided by this. */
  readonly priceScale?: number;
  readonly allowNonPositivePrices?: boolean;
  /** Out-of-session bars and a vwap outside its bar are quarantined instead of counted. */
  readonly strict?: boolean;
}

export type ImportStage =
  "fingerprint" | "inspect" | "stage" | "profile" | "partition" | "write" | "quarantine" | "commit";

export interface ImportProgress {
  readonly stage: ImportStage;
  readonly done: number;
  readonly total: number;
}

/** What an import needs of the process it runs in. */
export interface ImportDeps {
  readonly connection: DuckDBConnection;
  readonly dataDir: string;
  readonly now?: () => Date;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
  /** Bars files are cut between symbols at about this many rows. */
  readonly rowsPerFile?: number;
  /** Of a dataset with so many rows that grows, the latest bars are kept once more. */
  readonly recentRowsMin?: number;
}
