import { Cron } from "croner";
import type { ScheduleEntry } from "./schedule.ts";

/** When an entry is due. */
export interface DueTimes {
  /** The first time after this one. */
  next(after: Date): Date | undefined;
  /** The last time after `after` up to and including `until`, and how many there are; undefined when there is none. */
  between(after: Date, until: Date): { readonly last: Date; readonly count: number } | undefined;
}

/** More are not counted: each takes time, and after a month a schedule of every second has missed millions. */
const COUNTED_MAX = 100;

/** Throws what is wrong with the expression, as a sentence without its subject. */
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

/** Looks back from a little later, because that ends before the time given. */
function lastBefore(times: Cron, until: Date): Date | undefined {
  return times.previousRuns(2, new Date(until.getTime() + 1000)).find((due) => due <= until);
}
