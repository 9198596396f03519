import type { DuckDBConnection } from "@duckdb/node-api";
import type { ImportProgress } from "../../shared/protocol/import.ts";

/** What an import needs of the process it runs in. */
export interface ImportDeps {
  readonly connection: DuckDBConnection;
  readonly dataDir: string;
  readonly now?: () => Date;
  readonly onProgress?: (progress: ImportProgress) => void;
  readonly signal?: AbortSignal;
  /** A bars file ends at the first change of symbol after about this many rows. */
  readonly rowsPerFile?: number;
  /** A growing dataset of at least this many rows keeps a second copy of its latest bars. */
  readonly recentRowsMin?: number;
}
