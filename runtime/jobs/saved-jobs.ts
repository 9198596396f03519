import { messageOf, QuiverError } from "../../shared/errors/index.ts";
import { JOB_LOG_LENGTH_MAX, type JobFilter, type JobRecord, type JobRecords } from "../store/job-records.ts";
import { createPatientWriter } from "../store/patient-writer.ts";

/** The current state of jobs, whether or not it could be written to `quiver.db` yet. */
export interface SavedJobs extends Pick<
  JobRecords,
  "findByKey" | "next" | "count" | "countBefore" | "close"
> {
  /** Writes a job now, or throws `data-dir-unwritable` or `disk-full`, with a message that begins with `why`. */
  saveNow(record: JobRecord, how: "add" | "save", why: string): void;
  /** Writes a job now or as soon as possible; `log` is appended to its log. */
  save(record: JobRecord, log?: string): void;
  find(id: string): JobRecord | undefined;
  list(filter: JobFilter): JobRecord[];
  log(id: string): string;
  /** Whether writing fails at the moment. */
  readonly isFailing: boolean;
}

export interface SavedJobsOptions {
  /** Called when the records are first needed. */
  readonly openRecords: () => JobRecords;
  readonly report: (message: string) => void;
  /** Called when jobs can be written again. */
  readonly onRecovery: () => void;
}

interface Unwritten {
  readonly record: JobRecord;
  readonly log: string;
}

/** A full disk, or another process that locks the file, does not stop running jobs. */
export function openSavedJobs({ openRecords, report, onRecovery }: SavedJobsOptions): SavedJobs {
  let opened: JobRecords | undefined;
  const records = () => (opened ??= openRecords());
  const writer = createPatientWriter<Unwritten>({
    write({ record, log }) {
      records().save(record);
      if (log !== "") records().appendLog(record.id, log);
    },
    onFailure(error) {
      report(
        `Cannot write the state of jobs to quiver.db: ${messageOf(error)}. Running jobs continue; none starts before it can be written.`,
      );
    },
    onRecovery,
  });

  return {
    saveNow(record, how, why) {
      let error: unknown;
      if (!writer.isFailing) {
        try {
          records()[how](record);
          return;
        } catch (thrown) {
          error = thrown;
        }
      }
      throw unwritable(why, error);
    },
    save(record, log = "") {
      const known = writer.unwritten(record.id)?.log ?? "";
      writer.write(record.id, { record, log: (known + log).slice(-JOB_LOG_LENGTH_MAX) });
    },
    find: (id) => writer.unwritten(id)?.record ?? records().find(id),
    findByKey(key) {
      const found = records().findByKey(key);
      return found === undefined ? undefined : (writer.unwritten(found.id)?.record ?? found);
    },
    list(filter) {
      const written = records().list(filter);
      if (writer.backlog.length === 0) return written;
      const unwritten = writer.backlog.map(({ record }) => record).filter((record) => fits(record, filter));
      const others = written.filter(({ id }) => writer.unwritten(id) === undefined);
      const all = [...others, ...unwritten].toSorted(
        (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt),
      );
      return filter.limit < 0 ? all : all.slice(0, filter.limit);
    },
    log: (id) => records().log(id) + (writer.unwritten(id)?.log ?? ""),
    next: (kind) => records().next(kind),
    count: (status) => records().count(status),
    countBefore: (id) => records().countBefore(id),
    get isFailing() {
      return writer.isFailing;
    },
    close() {
      writer.close();
      opened?.close();
    },
  };
}

function fits({ status, function: name }: JobRecord, filter: JobFilter): boolean {
  return (
    (filter.status === undefined || filter.status === status) &&
    (filter.function === undefined || filter.function === name)
  );
}

const RETRY_AFTER_MS = 5_000;

function unwritable(why: string, error: unknown): QuiverError {
  const words = error === undefined ? "" : ` (${messageOf(error)})`;
  const isFull = /disk is full/.test(words);
  return new QuiverError(
    isFull ? "disk-full" : "data-dir-unwritable",
    `${why}: quiver.db cannot be written at the moment${words}. Nothing has changed; try again shortly.`,
    { retryAfterMs: RETRY_AFTER_MS },
    error,
  );
}
