import type {
  InvocationProgress,
  InvocationRequest,
  PublishRequest,
  StageTimings,
} from "../../shared/protocol/invocation.ts";
import type { JobStatus } from "./job-status.ts";
import { openQuiverDb } from "./open-quiver-db.ts";

/** One asynchronous invocation: the request, and its state. */
export interface JobRecord {
  readonly id: string;
  readonly status: JobStatus;
  readonly kind: "invoke" | "publish";
  readonly function: string;
  /** Null when the request names none. */
  readonly dataset: string | null;
  readonly request: InvocationRequest | PublishRequest;
  /** The input that an uploaded Arrow body is bound to; the body is in the job's folder. */
  readonly body: { readonly input: string | null } | null;
  /** Whether it reads few rows; small jobs do not wait for large ones. */
  readonly isSmall: boolean;
  /** Compute even if equal results are cached. */
  readonly recompute: boolean;
  /** The priority among jobs; higher ones run first. */
  readonly priority: number;
  readonly idempotencyKey: string | null;
  /** A hash of the order, to tell whether an idempotency key is reused for a different one. */
  readonly requestHash: string;
  readonly createdAt: string;
  /** The start of the first attempt. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** How often it was started: again after a stop or a crash of the server, and after a temporary failure. */
  readonly attempts: number;
  /** How often the server died while the job ran. */
  readonly crashes: number;
  readonly cancelRequested: boolean;
  readonly progress: InvocationProgress | null;
  /** Problem details of a job that failed or was cancelled. */
  readonly error: Readonly<Record<string, unknown>> | null;
  readonly result: JobResult | null;
}

export interface JobResult {
  readonly fingerprint: string;
  readonly rowCount: number;
  readonly timings: StageTimings;
  /** When an unpublished result expires; null for a version, which stays. */
  readonly expiresAt: string | null;
  readonly version: {
    readonly dataset: string;
    readonly name: string;
    readonly version: string;
    readonly rowChecksum: string;
    readonly created: boolean;
  } | null;
}

export interface JobFilter {
  readonly status?: JobStatus;
  readonly function?: string;
  readonly limit: number;
}

/** Selects queued jobs. */
export interface JobKind {
  readonly isSmall: boolean;
  /** Only jobs of a higher priority; any priority when left out. */
  readonly abovePriority?: number;
  readonly except?: readonly string[];
}

/** The jobs in `quiver.db`. */
export interface JobRecords {
  add(job: JobRecord): void;
  save(job: JobRecord): void;
  find(id: string): JobRecord | undefined;
  findByKey(idempotencyKey: string): JobRecord | undefined;
  /** Newest first. */
  list(filter: JobFilter): JobRecord[];
  /** The queued job of a kind whose turn is next: the highest priority, then the oldest. */
  next(kind: JobKind): JobRecord | undefined;
  count(status: JobStatus): number;
  /** The number of queued jobs of the same kind, small or not, whose turn comes before this one's. */
  countBefore(id: string): number;
  appendLog(id: string, text: string): void;
  log(id: string): string;
  close(): void;
}

/** The limit for a job's log, in characters; the end of what its handlers printed is kept. */
export const JOB_LOG_LENGTH_MAX = 64 * 1024;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS jobs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  status TEXT NOT NULL,
  function TEXT NOT NULL,
  priority INTEGER NOT NULL,
  idempotency_key TEXT UNIQUE,
  record TEXT NOT NULL,
  log TEXT NOT NULL DEFAULT ''
);
CREATE INDEX IF NOT EXISTS jobs_by_turn ON jobs (status, priority DESC, number);
`;

/** Opens the jobs of the control database, and deletes all finished ones but the newest `keepMax`. */
export function openJobRecords(path: string, keepMax: number): JobRecords {
  const database = openQuiverDb(path, SCHEMA, (opened) => {
    opened
      .prepare(
        `DELETE FROM jobs WHERE status NOT IN ('queued', 'running')
         AND number <= (SELECT max(number) FROM jobs) - ?`,
      )
      .run(keepMax);
  });
  const insert = database.prepare(
    `INSERT INTO jobs (id, status, function, priority, idempotency_key, record) VALUES (?, ?, ?, ?, ?, ?)`,
  );
  const update = database.prepare("UPDATE jobs SET status = ?, record = ? WHERE id = ?");
  const byId = database.prepare("SELECT record FROM jobs WHERE id = ?");
  const byKey = database.prepare("SELECT record FROM jobs WHERE idempotency_key = ?");
  const select = database.prepare(
    `SELECT record FROM jobs
     WHERE (?1 IS NULL OR status = ?1) AND (?2 IS NULL OR function = ?2) ORDER BY number DESC LIMIT ?3`,
  );
  const first = database.prepare(
    `SELECT record FROM jobs WHERE status = 'queued' AND ${isSmall("jobs")} = ? AND priority > ?
     AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY priority DESC, number LIMIT 1`,
  );
  const counted = database.prepare("SELECT count(*) AS value FROM jobs WHERE status = ?");
  const before = database.prepare(
    `SELECT count(*) AS value FROM jobs AS other, jobs AS job WHERE job.id = ? AND other.status = 'queued'
     AND ${isSmall("other")} = ${isSmall("job")}
     AND (other.priority > job.priority OR (other.priority = job.priority AND other.number < job.number))`,
  );
  const append = database.prepare("UPDATE jobs SET log = substr(log || ?, ?) WHERE id = ?");
  const logOf = database.prepare("SELECT log AS value FROM jobs WHERE id = ?");
  return {
    add(job) {
      const { id, status, priority, idempotencyKey } = job;
      insert.run(id, status, job.function, priority, idempotencyKey, JSON.stringify(job));
    },
    save(job) {
      update.run(job.status, JSON.stringify(job), job.id);
    },
    find: (id) => toJob(byId.get(id))[0],
    findByKey: (key) => toJob(byKey.get(key))[0],
    list: ({ status, function: name, limit }) =>
      select.all(status ?? null, name ?? null, limit).flatMap(toJob),
    next: ({ isSmall: small, abovePriority = Number.MIN_SAFE_INTEGER, except = [] }) =>
      toJob(first.get(Number(small), abovePriority, JSON.stringify(except)))[0],
    count: (status) => Number(valueOf(counted.get(status)) ?? 0),
    countBefore: (id) => Number(valueOf(before.get(id)) ?? 0),
    appendLog(id, text) {
      append.run(text, -JOB_LOG_LENGTH_MAX, id);
    },
    log(id) {
      const log = valueOf(logOf.get(id));
      return typeof log === "string" ? log : "";
    },
    close() {
      database.close();
    },
  };
}

/** Jobs of older versions of Quiver lack the field. */
function isSmall(table: string): string {
  return `coalesce(json_extract(${table}.record, '$.isSmall'), 0)`;
}

function valueOf(row: unknown): unknown {
  return typeof row === "object" && row !== null && "value" in row ? row.value : undefined;
}

function toJob(row: unknown): JobRecord[] {
  if (typeof row !== "object" || row === null || !("record" in row) || typeof row.record !== "string")
    return [];
  const value: unknown = JSON.parse(row.record);
  return isJobRecord(value) ? [value] : [];
}

/** Rows are written from records only, so a look at two fields is check enough. */
function isJobRecord(value: unknown): value is JobRecord {
  return typeof value === "object" && value !== null && "id" in value && "attempts" in value;
}
