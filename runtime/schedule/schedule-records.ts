import { openQuiverDb } from "../store/open-quiver-db.ts";
import { createPatientWriter } from "../store/patient-writer.ts";
import type { ScheduleRun } from "./schedule.ts";

/** The runs of a schedule's entries, in `quiver.db`. */
export interface ScheduleRecords {
  /** The time up to which due runs were handled; undefined for a new entry, or one whose times have changed. */
  seenUntil(entry: string, timing: string): Date | undefined;
  /** Writes the time up to which due runs were handled, now or as soon as possible; `save` does likewise. */
  see(entry: string, timing: string, until: Date): void;
  /** Records a run as it begins and returns its number; throws if that cannot be written now. */
  begin(run: ScheduleRun): number;
  save(number: number, run: ScheduleRun): void;
  last(entry: string): ScheduleRun | undefined;
  /** The runs that have begun and not ended. */
  unfinished(): readonly { readonly number: number; readonly run: ScheduleRun }[];
  close(): void;
}

/** The limit for recorded runs that have ended. */
const KEPT_MAX = 10_000;

const SCHEMA = `
CREATE TABLE IF NOT EXISTS schedule_entries (
  name TEXT PRIMARY KEY,
  timing TEXT NOT NULL,
  seen_until TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS schedule_runs (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  entry TEXT NOT NULL,
  ended INTEGER NOT NULL,
  record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS schedule_runs_by_entry ON schedule_runs (entry, number);
`;

export function openScheduleRecords(path: string): ScheduleRecords {
  const database = openQuiverDb(path, SCHEMA, (opened) => {
    opened
      .prepare(
        "DELETE FROM schedule_runs WHERE ended = 1 AND number <= (SELECT max(number) FROM schedule_runs) - ?",
      )
      .run(KEPT_MAX);
  });
  const seen = database.prepare(
    "SELECT seen_until AS value FROM schedule_entries WHERE name = ? AND timing = ?",
  );
  const see = database.prepare(
    "INSERT OR REPLACE INTO schedule_entries (name, timing, seen_until) VALUES (?, ?, ?)",
  );
  const insert = database.prepare("INSERT INTO schedule_runs (entry, ended, record) VALUES (?, ?, ?)");
  const update = database.prepare("UPDATE schedule_runs SET ended = ?, record = ? WHERE number = ?");
  const last = database.prepare(
    "SELECT number, record FROM schedule_runs WHERE entry = ? ORDER BY number DESC LIMIT 1",
  );
  const open = database.prepare("SELECT number, record FROM schedule_runs WHERE ended = 0 ORDER BY number");
  const writer = createPatientWriter<() => unknown>({ write: (value) => value() });
  const hasEnded = ({ endedAt }: ScheduleRun) => (endedAt === null ? 0 : 1);
  return {
    seenUntil(entry, timing) {
      const row: unknown = seen.get(entry, timing);
      const text = typeof row === "object" && row !== null && "value" in row ? row.value : undefined;
      return typeof text === "string" ? new Date(text) : undefined;
    },
    see(entry, timing, until) {
      writer.write(`see ${entry}`, () => see.run(entry, timing, until.toISOString()));
    },
    begin: (run) => Number(insert.run(run.entry, hasEnded(run), JSON.stringify(run)).lastInsertRowid),
    save(number, run) {
      writer.write(`save ${number}`, () => update.run(hasEnded(run), JSON.stringify(run), number));
    },
    last: (entry) => toRun(last.get(entry))[0]?.run,
    unfinished: () => open.all().flatMap(toRun),
    close() {
      writer.close();
      database.close();
    },
  };
}

function toRun(row: unknown): { readonly number: number; readonly run: ScheduleRun }[] {
  if (typeof row !== "object" || row === null || !("record" in row) || !("number" in row)) return [];
  const value: unknown = JSON.parse(String(row.record));
  return isRun(value) ? [{ number: Number(row.number), run: value }] : [];
}

/** Rows are written from runs only, so a look at two fields is check enough. */
function isRun(value: unknown): value is ScheduleRun {
  return typeof value === "object" && value !== null && "entry" in value && "dueAt" in value;
}
