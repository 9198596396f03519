import { openQuiverDb } from "./open-quiver-db.ts";

/** A finished invocation. */
export interface InvocationRecord {
  readonly id: string;
  readonly function: string;
  readonly dataset: string | null;
  readonly kind: "invoke" | "publish";
  /** `ok`, or the code of its error. */
  readonly outcome: string;
  /** The message of its error; null when it succeeded. */
  readonly message: string | null;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly rowCount: number;
  readonly bytesRead: number;
  readonly peakMemoryBytes: number;
  readonly fingerprint: string | null;
  readonly timings: readonly { readonly stage: string; readonly milliseconds: number }[];
  readonly request: unknown;
  readonly logTail: string;
}

export interface InvocationFilter {
  readonly function?: string;
  readonly outcome?: string;
  readonly status?: "succeeded" | "failed" | "cancelled";
  readonly limit: number;
}

/** The finished invocations in `quiver.db`. */
export interface ControlDatabase {
  record(invocation: InvocationRecord): void;
  /** Newest first. */
  list(filter: InvocationFilter): InvocationRecord[];
  find(id: string): InvocationRecord | undefined;
  close(): void;
}

const SCHEMA = `
CREATE TABLE IF NOT EXISTS invocations (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  function TEXT NOT NULL,
  outcome TEXT NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS invocations_by_function ON invocations (function, number);
`;

/** Opens the control database, or makes it, and deletes all but the newest `keepMax` invocations. */
export function openControlDatabase(path: string, keepMax: number): ControlDatabase {
  const database = openQuiverDb(path, SCHEMA, (opened) => {
    opened
      .prepare("DELETE FROM invocations WHERE number <= (SELECT max(number) FROM invocations) - ?")
      .run(keepMax);
  });
  const insert = database.prepare(
    "INSERT OR REPLACE INTO invocations (id, function, outcome, record) VALUES (?, ?, ?, ?)",
  );
  const select = database.prepare(
    `SELECT record FROM invocations
     WHERE (?1 IS NULL OR function = ?1) AND (?2 IS NULL OR outcome = ?2)
     AND (?3 IS NULL OR ?3 = CASE outcome
       WHEN 'ok' THEN 'succeeded' WHEN 'invocation-cancelled' THEN 'cancelled' ELSE 'failed' END)
     ORDER BY number DESC LIMIT ?4`,
  );
  const byId = database.prepare("SELECT record FROM invocations WHERE id = ?");
  return {
    record: (invocation) => {
      insert.run(invocation.id, invocation.function, invocation.outcome, JSON.stringify(invocation));
    },
    list: ({ function: name = null, outcome = null, status = null, limit }) =>
      select.all(name, outcome, status, limit).flatMap(toRecord),
    find: (id) => toRecord(byId.get(id))[0],
    close: () => {
      database.close();
    },
  };
}

function toRecord(row: unknown): InvocationRecord[] {
  if (typeof row !== "object" || row === null || !("record" in row) || typeof row.record !== "string")
    return [];
  const value: unknown = JSON.parse(row.record);
  return isInvocationRecord(value) ? [value] : [];
}

/** Only `record` writes rows, so a look at two fields is check enough. */
function isInvocationRecord(value: unknown): value is InvocationRecord {
  return typeof value === "object" && value !== null && "id" in value && "outcome" in value;
}
