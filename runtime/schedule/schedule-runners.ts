import { messageOf } from "../../shared/errors/index.ts";
import { dueTimes } from "./due-times.ts";
import { type EntryRunner, runDue, type RunDueOptions } from "./run-due.ts";
import type { ScheduleEntry } from "./schedule.ts";
import type { ScheduleRecords } from "./schedule-records.ts";

/** The entries of a schedule at work. */
export interface ScheduleRunners {
  readonly entries: readonly ScheduleEntry[];
  /** Replaces the entries. Unchanged ones keep their runner, and with it a run under way. */
  take(entries: readonly ScheduleEntry[]): void;
  /** Resumes runs that an earlier server began, and ends those whose entry is gone. */
  resume(): void;
  /** Starts what is due, and returns when each entry is due next. */
  look(): readonly Date[];
}

export interface ScheduleRunnersOptions extends Omit<RunDueOptions, "records" | "running"> {
  /** Called when there is something to record. */
  readonly records: () => ScheduleRecords;
}

export function createScheduleRunners(options: ScheduleRunnersOptions): ScheduleRunners {
  const { records, clock, report } = options;
  const running = new Set<string>();
  let runners: readonly EntryRunner[] = [];

  /** Whether everything due was started; if not, it stays due. */
  function look(runner: EntryRunner): boolean {
    try {
      runner.look();
      return true;
    } catch (error) {
      report(`Schedule ${runner.entry.name}: cannot begin what is due (${messageOf(error)}); tried again`);
      return false;
    }
  }

  return {
    get entries() {
      return runners.map(({ entry }) => entry);
    },
    take(entries) {
      const before = new Map(runners.map((runner) => [JSON.stringify(runner.entry), runner]));
      runners = entries.map(
        (entry) =>
          before.get(JSON.stringify(entry)) ??
          runDue(entry, dueTimes(entry), { ...options, records: records(), running }),
      );
    },
    resume() {
      for (const { number, run } of records().unfinished()) {
        const runner = runners.find(({ entry }) => entry.name === run.entry);
        if (runner !== undefined) runner.resume(number, run);
        else {
          const message = "The server stopped while it ran, and it is no longer scheduled.";
          records().save(number, {
            ...run,
            endedAt: clock.now().toISOString(),
            outcome: "stopping",
            message,
          });
        }
      }
    },
    look: () => runners.filter(look).flatMap((runner) => runner.nextLook() ?? []),
  };
}
