import type { Clock } from "./clock.ts";
import type { DueTimes } from "./due-times.ts";
import type { RunEntry } from "./run-entry.ts";
import type { ScheduleEntry, ScheduleRun } from "./schedule.ts";
import type { ScheduleRecords } from "./schedule-records.ts";

export interface RunDueOptions {
  readonly records: ScheduleRecords;
  readonly run: RunEntry;
  readonly clock: Clock;
  /** Receives reports of failed runs and skipped times. */
  readonly report: (message: string) => void;
  /** Called when a run has ended, so that what became due meanwhile is started. */
  readonly onEnded: () => void;
  readonly signal: AbortSignal;
  /** The names of running entries. An entry that was edited meanwhile waits for its earlier run to end. */
  readonly running: Set<string>;
}

/** Runs one entry, at most once at a time. */
export interface EntryRunner {
  readonly entry: ScheduleEntry;
  /** Starts or skips what is due, as the entry's policy says; does nothing while a run is under way. */
  look(): void;
  /** When the entry is due next; undefined while a run is under way. */
  nextLook(): Date | undefined;
  /** Resumes a run that an earlier server began. */
  resume(number: number, run: ScheduleRun): void;
}

/** A run that starts later than this was missed, for example because the machine slept. */
const ON_TIME_MS = 60_000;

export function runDue(entry: ScheduleEntry, due: DueTimes, options: RunDueOptions): EntryRunner {
  const { records, clock, report, signal, running } = options;
  const { name, missed } = entry;
  const timing = `${entry.cron} ${entry.zone}`;
  /** Whether due times up to now count as missed: they passed before the first look, or during a run. */
  let wasAway = true;
  // A new entry has missed nothing.
  let seenUntil = records.seenUntil(name, timing) ?? clock.now();
  records.see(name, timing, seenUntil);

  function see(until: Date): void {
    records.see(name, timing, until);
    seenUntil = until;
  }

  function begin(dueAt: Date, dueCount: number): void {
    const startedAt = clock.now().toISOString();
    const run: ScheduleRun = {
      entry: name,
      dueAt: dueAt.toISOString(),
      dueCount,
      startedAt,
      endedAt: null,
      outcome: null,
      message: null,
      job: null,
      version: null,
    };
    // The run is recorded first: a server that dies in between finds it and does not run the same time twice.
    const number = records.begin(run);
    see(dueAt);
    follow(number, run);
  }

  function follow(number: number, begun: ScheduleRun): void {
    running.add(name);
    let run = begun;
    const onChange = (change: Partial<ScheduleRun>) => {
      run = { ...run, ...change };
      records.save(number, run);
    };
    void options.run(entry, run, onChange, signal).then((ending) => {
      running.delete(name);
      wasAway = true;
      if (signal.aborted) return;
      // The jobs were stopped with the server; the next one resumes them.
      if (ending === undefined) return;
      onChange({ ...ending, endedAt: clock.now().toISOString() });
      if (ending.outcome !== "ok") report(`Schedule ${name}: ${ending.message ?? String(ending.outcome)}`);
      options.onEnded();
    });
  }

  function leaveOut(dueAt: Date, dueCount: number, now: Date): void {
    const times = dueCount === 1 ? "one time" : `${dueCount} times`;
    const message = `${times} missed, the last at ${dueAt.toISOString()}; skipped, as its policy says`;
    const at = now.toISOString();
    const nothing = { job: null, version: null };
    const left = { entry: name, dueAt: dueAt.toISOString(), dueCount, startedAt: at, endedAt: at };
    records.begin({ ...left, ...nothing, outcome: "missed", message });
    see(now);
    report(`Schedule ${name}: ${message}`);
  }

  return {
    entry,
    look() {
      if (running.has(name) || signal.aborted) return;
      const now = clock.now();
      const found = due.between(seenUntil, now);
      const isMissed = found !== undefined && (wasAway || now.getTime() - found.last.getTime() > ON_TIME_MS);
      wasAway = false;
      if (found === undefined) return;
      if (isMissed && missed === "skip") leaveOut(found.last, found.count, now);
      else begin(found.last, found.count);
    },
    nextLook: () => (running.has(name) ? undefined : due.next(seenUntil)),
    resume(number, run) {
      follow(number, run);
    },
  };
}
