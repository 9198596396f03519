import { Cron } from "croner";
import type { ScheduleEntry } from "./schedule.ts";

/** The times at which an entry is due. */
export interface DueTimes {
  /** The first time after this one. */
  next(after: Date): Date | undefined;
  /** The last due time after `after` and not after `until`, and how many there are; undefined when there is none. */
  between(after: Date, until: Date): { readonly last: Date; readonly count: number } | undefined;
}

/** Counting stops here: it takes time, and a schedule for every second misses millions of times in a month. */
const COUNTED_MAX = 100;

/** Throws an error of croner's when the expression is invalid. */
export function dueTimes({ cron, zone }: Pick<ScheduleEntry, "cron" | "zone">): DueTimes {
  const times = new Cron(cron, { timezone: zone, mode: "5-or-6-parts" });
  const next = (after: Date) => times.nextRun(after) ?? undefined;
  return {
    next,
    between(after, until) {
      let count = 0;
      let last: Date | undefined;
      for (let due = next(after); due !== undefined && due <= until; due = next(due)) {
        last = due;
        if (++count === COUNTED_MAX) return { last: lastBefore(times, until) ?? due, count };
      }
      return last === undefined ? undefined : { last, count };
    },
  };
}

/** `previousRuns` excludes the given time, so this looks back from a second later. */
function lastBefore(times: Cron, until: Date): Date | undefined {
  return times.previousRuns(2, new Date(until.getTime() + 1000)).find((due) => due <= until);
}
