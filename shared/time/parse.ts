import { QuiverError } from "../errors/index.ts";
import type { Clocks, EventTime } from "./clocks.ts";
import { parseDate, type EpochDays } from "./dates.ts";
import { MICROS_PER_DAY, parseWrittenTime, type EpochMicros } from "./timestamps.ts";
import { openZone } from "./zone.ts";

/** A moment as the user wrote it: a bare date, or an instant. */
export type DateOrTime =
  | { readonly kind: "date"; readonly date: EpochDays }
  | { readonly kind: "time"; readonly instant: EpochMicros };

/**
 * Parses `2015-04-08`, `20150408`, `2015-04-08T14:30Z`, or a time without a zone, which is read in `timezone`. `field`
 * names the faulty field in the error message.
 */
export function parseDateOrTime(text: string, timezone: string, field = "time"): DateOrTime {
  const date = parseDate(text.trim());
  if (date !== undefined) return { kind: "date", date };
  const written = parseWrittenTime(text);
  if (written === undefined) {
    throw new QuiverError(
      "invalid-time",
      `Cannot read \`${field}\` ${JSON.stringify(text)}: it is neither a date nor a time. Expected for example "2015-04-08", "2015-04-08T14:30:00Z" or "2015-04-08 09:30" (taken in ${timezone}).`,
      { field, given: text, timezone },
    );
  }
  const { localMicros, offsetMicros } = written;
  const instant =
    offsetMicros === undefined ? openZone(timezone).toInstant(localMicros) : localMicros - offsetMicros;
  return { kind: "time", instant };
}

/**
 * The instant that an `asOf` means. A bare date means its end in the dataset's zone, so that the whole day is known.
 */
export function parseAsOf(text: string, timezone: string): EpochMicros {
  const moment = parseDateOrTime(text, timezone, "asOf");
  return moment.kind === "time" ? moment.instant : openZone(timezone).startOf(moment.date + 1);
}

/**
 * A bound on event times (`from`, `to`) in the unit of the dataset's `ts`. A bare date means its first instant in the
 * dataset's zone. On daily data a time of day is refused unless it is midnight.
 */
export function parseEventTime(text: string, clocks: Clocks, field: string): EventTime {
  const moment = parseDateOrTime(text, clocks.timezone, field);
  const zone = openZone(clocks.timezone);
  if (clocks.intervalSeconds !== "1d") {
    return moment.kind === "time" ? moment.instant : zone.startOf(moment.date);
  }
  if (moment.kind === "date") return moment.date;
  // Clients print a date as midnight in UTC; users mean midnight in the dataset's zone. Both are accepted.
  if (moment.instant % MICROS_PER_DAY === 0) return moment.instant / MICROS_PER_DAY;
  const date = zone.dateOf(moment.instant);
  if (zone.startOf(date) === moment.instant) return date;
  throw new QuiverError(
    "invalid-time",
    `Cannot use \`${field}\` ${JSON.stringify(text)} on daily data: it has a time of day. Expected a date such as "2015-04-08".`,
    { field, given: text },
  );
}
