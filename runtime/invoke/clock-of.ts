import type { Clock } from "../../shared/contract/definition.ts";
import { MICROS_PER_DAY, MICROS_PER_SECOND, openZone, parseDate } from "../../shared/time/index.ts";
import type { DatasetRecord } from "../store/dataset.ts";

/** A dataset's clocks as plain data for handlers. */
export type ClockOf = (record: DatasetRecord) => Clock;

/** Reading forty years of a zone's offsets takes milliseconds, so each record's clock is made once. */
export function createClockOf(): ClockOf {
  const known = new WeakMap<DatasetRecord, Clock>();
  return (record) => {
    const clock = known.get(record) ?? clockOf(record);
    known.set(record, clock);
    return clock;
  };
}

/** A record's clocks, with the zone's offsets over the dataset's time range. */
export function clockOf(record: DatasetRecord): Clock {
  const { clocks, firstTs, lastTs } = record;
  if (clocks === null)
    throw new Error(`The dataset ${record.name} has no clocks: the plan should have refused it`);
  const { timezone, stamp, intervalSeconds, sessions } = clocks;
  const isDaily = intervalSeconds === "1d";
  const unit = isDaily ? MICROS_PER_DAY : 1;
  const days = (dates: readonly string[] | undefined) => (dates ?? []).map((date) => parseDate(date) ?? 0);
  return {
    timezone,
    stamp,
    intervalSeconds: isDaily ? 86_400 : intervalSeconds,
    sessions: (sessions?.intervals ?? []).map(
      ({ open, close }) => [minutesOf(open), minutesOf(close)] as const,
    ),
    holidays: days(sessions?.holidays),
    halfDays: (sessions?.halfDays ?? []).map(({ date, close }) => ({
      date: parseDate(date) ?? 0,
      closeMinute: minutesOf(close),
    })),
    utcOffsets: offsetsOf(timezone, (firstTs ?? 0) * unit, (lastTs ?? 0) * unit),
  };
}

function minutesOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(":").map(Number);
  return hours * 60 + minutes;
}

/** Assumes that no zone changes its offset and back within a week. */
const STEP = 7 * MICROS_PER_DAY;

/** Every change of the zone's offset between two instants, to the second. The first entry holds before it too. */
function offsetsOf(timezone: string, first: number, last: number): Clock["utcOffsets"] {
  const zone = openZone(timezone);
  const start = first - MICROS_PER_DAY;
  const changes = [{ fromMicros: start, offsetSeconds: zone.offsetAt(start) / MICROS_PER_SECOND }];
  let before = zone.offsetAt(start);
  for (let time = start; time < last + MICROS_PER_DAY; time += STEP) {
    const next = zone.offsetAt(time + STEP);
    if (before === next) continue;
    before = next;
    let low = time;
    let high = time + STEP;
    while (high - low > MICROS_PER_SECOND) {
      const middle = low + Math.floor((high - low) / 2 / MICROS_PER_SECOND) * MICROS_PER_SECOND;
      if (middle === low) break;
      if (zone.offsetAt(middle) === next) high = middle;
      else low = middle;
    }
    changes.push({ fromMicros: high, offsetSeconds: next / MICROS_PER_SECOND });
  }
  return changes;
}
