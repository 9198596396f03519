export { CALENDAR_NAMES, namedCalendar, type NamedCalendar } from "./calendars.ts";
export {
  asOfCutoff,
  knownTimeOf,
  openClocks,
  type Clocks,
  type EventTime,
  type OpenClocks,
} from "./clocks.ts";
export { dateParts, daysOf, formatDate, parseDate, weekdayOf, type EpochDays } from "./dates.ts";
export { parseAsOf, parseDateOrTime, parseEventTime, type DateOrTime } from "./parse.ts";
export {
  openSessions,
  type SessionDay,
  type SessionHours,
  type SessionInterval,
  type Sessions,
} from "./sessions.ts";
export {
  formatInstant,
  MICROS_PER_DAY,
  MICROS_PER_MINUTE,
  MICROS_PER_SECOND,
  parseWrittenTime,
  type EpochMicros,
  type WrittenTime,
} from "./timestamps.ts";
export { isZoneName, openZone, type Zone } from "./zone.ts";
