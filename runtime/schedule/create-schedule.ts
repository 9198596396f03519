import { messageOf } from "../../shared/errors/index.ts";
import { type Clock, systemClock } from "./clock.ts";
import { dueTimes } from "./due-times.ts";
import type { RunEntry } from "./run-entry.ts";
import type { Schedule, ScheduledEntry, ScheduleEntry, ScheduleRun } from "./schedule.ts";
import type { ScheduleRecords } from "./schedule-records.ts";
import { createScheduleRunners } from "./schedule-runners.ts";
import { createScheduleSource, type ScheduleSourceOptions } from "./schedule-source.ts";

export interface ScheduleOptions extends ScheduleSourceOptions {
  /** Called when there is something to record. */
  readonly openRecords: () => ScheduleRecords;
  /** Whether anything was ever recorded: viewing a schedule makes no database. */
  readonly hasRecords: () => boolean;
  readonly run: RunEntry;
  readonly report: (message: string) => void;
  readonly clock?: Clock;
}

const NEXT_SHOWN = 3;

/** After this long, the schedule notices an edited file, a changed clock, and that the machine has slept. */
const LOOK_AGAIN_MS = 5_000;

export function createSchedule(options: ScheduleOptions): Schedule {
  const { file, clock = systemClock, report } = options;
  const source = createScheduleSource(options);
  const stopping = new AbortController();
  let opened: ScheduleRecords | undefined;
  const records = () => (opened ??= options.openRecords());
  const runners = createScheduleRunners({
    records,
    run: options.run,
    clock,
    report,
    onEnded: tick,
    signal: stopping.signal,
  });
  let isStarted = false;
  let problem: string | null = null;
  let cancelTimer: (() => void) | undefined;

  function tick(): void {
    if (stopping.signal.aborted) return;
    cancelTimer?.();
    const times = runners.look();
    const now = clock.now().getTime();
    const wait = Math.max(0, Math.min(...times.map((at) => at.getTime() - now), LOOK_AGAIN_MS));
    cancelTimer = clock.after(wait, () => {
      void reload().then(tick);
    });
  }

  async function reload(): Promise<void> {
    if (!source.hasChanged()) return;
    try {
      runners.take(await source.read(clock.now()));
      problem = null;
      report(`Schedule: ${file} has changed, ${runners.entries.length} entries`);
    } catch (error) {
      problem = `${messageOf(error)} The previous schedule stays in effect.`;
      report(problem);
    }
  }

  function stop(): void {
    stopping.abort();
    cancelTimer?.();
  }

  return {
    async view() {
      const entries = isStarted ? runners.entries : await source.read(clock.now());
      const lastOf = (name: string) => (options.hasRecords() ? records().last(name) : undefined) ?? null;
      return {
        file: source.exists() ? file : null,
        running: isStarted,
        problem,
        entries: entries.map((entry) => viewOf(entry, clock.now(), lastOf(entry.name))),
      };
    },
    async start() {
      const entries = await source.read(clock.now());
      isStarted = true;
      // The file may appear later. Without entries nothing is recorded, so there is nothing to resume.
      if (entries.length > 0) {
        runners.take(entries);
        runners.resume();
      }
      tick();
    },
    stop,
    close() {
      stop();
      opened?.close();
      opened = undefined;
    },
  };
}

function viewOf(entry: ScheduleEntry, now: Date, last: ScheduleRun | null): ScheduledEntry {
  const { name, cron, zone, missed, work } = entry;
  const times = dueTimes(entry);
  const next: string[] = [];
  for (let due = times.next(now); due !== undefined; due = times.next(due)) {
    if (next.push(due.toISOString()) === NEXT_SHOWN) break;
  }
  return {
    name,
    cron,
    zone,
    missed,
    functions: work.kind === "one" ? [work.request.function] : (work.functions ?? "all"),
    dataset: work.request.dataset ?? null,
    next,
    last,
  };
}
