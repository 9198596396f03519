import { existsSync, statSync } from "node:fs";
import { messageOf, QuiverError } from "../../shared/errors/index.ts";
import type { CheckEntry } from "./check-entry.ts";
import { dueTimes } from "./due-times.ts";
import { type Clock, type EntryRunner, runDue } from "./run-due.ts";
import type { RunEntry } from "./run-entry.ts";
import type { Schedule, ScheduledEntry, ScheduleEntry } from "./schedule.ts";
import { readScheduleFile } from "./schedule-file.ts";
import type { ScheduleRecords } from "./schedule-records.ts";

export interface ScheduleOptions {
  readonly file: string;
  /** Whether the file was asked for by name: it must be there then. */
  readonly isNamed: boolean;
  readonly zoneOf: (dataset: string | undefined) => string;
  readonly functionNames: () => Promise<readonly string[]>;
  readonly datasetNames: () => readonly string[];
  readonly check: CheckEntry;
  /** Opened when there is something to record. */
  readonly openRecords: () => ScheduleRecords;
  /** Whether anything was ever recorded: who only looks makes no database. */
  readonly hasRecords: () => boolean;
  readonly run: RunEntry;
  readonly report: (message: string) => void;
  readonly clock?: Clock;
}

const NEXT_SHOWN = 3;

/** A clock that is set, or a machine that sleeps, is noticed after this long; and so is an edit of the file. */
const LOOK_AGAIN_MS = 5_000;

export function createSchedule(options: ScheduleOptions): Schedule {
  const { file, clock = systemClock, report } = options;
  const stopping = new AbortController();
  const running = new Set<string>();
  let opened: ScheduleRecords | undefined;
  let runners: EntryRunner[] | undefined;
  let cancelTimer: (() => void) | undefined;
  let state = fileState(file);
  const records = () => (opened ??= options.openRecords());

  let problem: string | null = null;

  async function read(): Promise<readonly ScheduleEntry[]> {
    if (options.isNamed && !existsSync(file)) throw missing(file);
    if (!existsSync(file)) return [];
    const functions = await options.functionNames();
    const datasets = options.datasetNames();
    const entries = readScheduleFile(file, {
      zoneOf: options.zoneOf,
      functions,
      datasets,
      now: clock.now(),
    });
    for (const entry of entries) await options.check(file, entry);
    return entries;
  }

  /** Entries that stay as they were keep their runner, and with it the run under way. */
  function take(entries: readonly ScheduleEntry[]): EntryRunner[] {
    const before = new Map((runners ?? []).map((runner) => [JSON.stringify(runner.entry), runner]));
    return entries.map(
      (entry) =>
        before.get(JSON.stringify(entry)) ??
        runDue(entry, dueTimes(entry), {
          records: records(),
          run: options.run,
          clock,
          report,
          onEnded: tick,
          signal: stopping.signal,
          running,
        }),
    );
  }

  async function reload(): Promise<void> {
    const now = fileState(file);
    if (now === state) return;
    state = now;
    try {
      runners = take(await read());
      problem = null;
      report(`Schedule: ${file} has changed, ${runners.length} entries`);
    } catch (error) {
      const why = messageOf(error);
      problem = `${why} The schedule as it was before goes on.`;
      report(problem);
    }
  }

  /** False where a run that is due could not be begun: its time stays due. */
  function look(runner: EntryRunner): boolean {
    try {
      runner.look();
      return true;
    } catch (error) {
      const why = messageOf(error);
      report(`Schedule ${runner.entry.name}: cannot begin what is due (${why}); tried again`);
      return false;
    }
  }

  function tick(): void {
    if (stopping.signal.aborted) return;
    cancelTimer?.();
    const looked = (runners ?? []).filter(look);
    const now = clock.now().getTime();
    const waits = looked.flatMap((runner) => runner.nextLook()?.getTime() ?? []);
    const wait = Math.max(0, Math.min(...waits.map((at) => at - now), LOOK_AGAIN_MS));
    cancelTimer = clock.after(wait, () => {
      void reload().then(tick);
    });
  }

  /** Runs that an earlier server had begun are gone on with; of what is scheduled no more it is said so. */
  function resume(): void {
    for (const { number, run } of records().unfinished()) {
      const runner = runners?.find(({ entry }) => entry.name === run.entry);
      if (runner !== undefined) runner.resume(number, run);
      else {
        const message = "The server stopped while it ran, and it is scheduled no more.";
        records().save(number, { ...run, endedAt: clock.now().toISOString(), outcome: "stopping", message });
      }
    }
  }

  function viewOf(entry: ScheduleEntry): ScheduledEntry {
    const { name, cron, zone, missed, work } = entry;
    const times = dueTimes(entry);
    const next: Date[] = [];
    for (let due = times.next(clock.now()); due !== undefined; due = times.next(due)) {
      if (next.push(due) === NEXT_SHOWN) break;
    }
    return {
      name,
      cron,
      zone,
      missed,
      functions: work.kind === "one" ? [work.request.function] : (work.functions ?? "all"),
      dataset: work.request.dataset ?? null,
      next: next.map((due) => due.toISOString()),
      last: (options.hasRecords() ? records().last(name) : undefined) ?? null,
    };
  }

  return {
    async view() {
      const entries = runners?.map(({ entry }) => entry) ?? (await read());
      return {
        file: existsSync(file) ? file : null,
        running: runners !== undefined,
        problem,
        entries: entries.map(viewOf),
      };
    },
    async start() {
      const entries = await read();
      runners = [];
      // A file may still come; without one nothing is recorded, and nothing has to be gone on with.
      if (entries.length > 0) {
        runners = take(entries);
        resume();
      }
      tick();
    },
    stop() {
      stopping.abort();
      cancelTimer?.();
    },
    close() {
      stopping.abort();
      cancelTimer?.();
      opened?.close();
      opened = undefined;
    },
  };
}

const systemClock: Clock = {
  now: () => new Date(),
  after(milliseconds, callback) {
    const timer = setTimeout(callback, milliseconds);
    // A schedule keeps no server alive.
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

/** Tells one content of a file from the next, as far as its time and size do. */
function fileState(file: string): string {
  const stat = statSync(file, { throwIfNoEntry: false });
  return stat === undefined ? "" : `${stat.mtimeMs} ${stat.size}`;
}

function missing(file: string): QuiverError {
  return new QuiverError(
    "schedule-invalid",
    `Cannot find the schedule ${file}: it does not exist. Give another with --schedule, or leave it out.`,
    { file },
  );
}
