import { QuiverError } from "../../shared/errors/index.ts";
import { CALENDAR_NAMES, namedCalendar } from "../../shared/time/calendars.ts";
import { openClocks, type Clocks } from "../../shared/time/clocks.ts";
import { openSessions, type SessionHours } from "../../shared/time/sessions.ts";
import { MICROS_PER_DAY, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "../../shared/time/timestamps.ts";
import { openZone } from "../../shared/time/zone.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { query, toCount, toNumber, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import type { ImportRequest, InferredFact } from "../../shared/protocol/import.ts";
import { rowsView, type TimeRange } from "./rows-view.ts";
import { outOfSessionTimeSql } from "./session-sql.ts";
import { zoneSql } from "./zone-sql.ts";

/** A calendar is adopted if at least this share of the bars lies in its sessions. */
const SHARE_IN_SESSION = 0.95;
const SAMPLE_ROWS = 500_000;

/** The dataset's zone as far as it is known before the rows are read. */
export function decideTimezone(request: ImportRequest, existing: DatasetRecord | undefined): string {
  if (existing?.clocks) return existing.clocks.timezone;
  if (request.sessions !== undefined) {
    const zone = openZone(request.sessions.timezone);
    openSessions(request.sessions, zone);
    return zone.name;
  }
  if (request.timezone !== undefined) openZone(request.timezone);
  if (request.calendar !== undefined) {
    const calendar = namedCalendar(request.calendar);
    if (request.calendar === "24x7" && request.timezone !== undefined) return request.timezone;
    return calendar.timezone;
  }
  return request.timezone ?? "UTC";
}

/** The dataset's clocks: those of the existing dataset, those of the request, or those inferred from the bars. */
export async function decideClocks(
  context: ImportContext,
  plan: ImportPlan,
  request: ImportRequest,
  existing: DatasetRecord | undefined,
  timezone: string,
  range: TimeRange,
  inferred: InferredFact[],
): Promise<Clocks | null> {
  if (plan.kind === "attributes") return null;
  if (existing?.clocks) {
    assertSameClocks(request, existing, existing.clocks);
    return existing.clocks;
  }
  const availabilitySeconds = request.availabilitySeconds ?? 0;
  const given = givenSessions(request);
  if (plan.daily) {
    const clocks = { timezone, intervalSeconds: "1d", availabilitySeconds } as const;
    if (given === null) {
      inferZone(request, timezone, false, inferred);
      inferred.push({
        fact: "calendar",
        value: "none",
        why: "none was given; a daily bar counts as known at the end of its date",
      });
    }
    return checked({
      ...clocks,
      stamp: request.stamp ?? "start",
      calendar: given?.name ?? null,
      sessions: given?.sessions ?? null,
    });
  }
  const calendar =
    given ?? (plan.kind === "bars" ? await findCalendar(context, timezone, range, inferred) : null);
  const zone = calendar?.timezone ?? timezone;
  if (given === null) inferZone(request, zone, calendar !== null, inferred);
  return checked({
    timezone: zone,
    intervalSeconds:
      typeof request.intervalSeconds === "number"
        ? request.intervalSeconds
        : await findInterval(context, plan, inferred),
    availabilitySeconds,
    calendar: calendar?.name ?? null,
    sessions: calendar?.sessions ?? null,
    stamp: request.stamp ?? (await findStamp(context, zone, calendar?.sessions ?? null, range, inferred)),
  });
}

function inferZone(
  request: ImportRequest,
  zone: string,
  isOfCalendar: boolean,
  inferred: InferredFact[],
): void {
  if (zone === request.timezone) return;
  const why = isOfCalendar ? "it is the calendar's zone" : "neither a zone nor a calendar was given";
  inferred.push({ fact: "timezone", value: zone, why });
}

interface KnownSessions {
  readonly name: string | null;
  readonly timezone: string | null;
  readonly sessions: SessionHours;
}

function givenSessions(request: ImportRequest): KnownSessions | null {
  if (request.sessions !== undefined) {
    const { timezone, ...sessions } = request.sessions;
    return { name: null, timezone, sessions };
  }
  if (request.calendar === undefined) return null;
  const { name, sessions, timezone } = namedCalendar(request.calendar);
  return { name, sessions, timezone: name === "24x7" ? null : timezone };
}

/** Refuses unusable clocks before they are stored. */
function checked(clocks: Clocks): Clocks {
  if (clocks.sessions !== null) openSessions(clocks.sessions, openZone(clocks.timezone));
  openClocks(clocks);
  return clocks;
}

async function findCalendar(
  context: ImportContext,
  timezone: string,
  range: TimeRange,
  inferred: InferredFact[],
): Promise<KnownSessions | null> {
  for (const name of CALENDAR_NAMES) {
    if (name === "24x7") continue;
    const calendar = namedCalendar(name);
    const zone = zoneSql(openZone(calendar.timezone), range.from, range.to);
    const outside = outOfSessionTimeSql(calendar.sessions, zone, "ts", "start", range);
    // A bar stamped at its end lies one bar later, so both ends of a session count as inside.
    const outsideEnd = outOfSessionTimeSql(calendar.sessions, zone, "ts", "end", range);
    const [row] = await query(
      context,
      `SELECT count(*), count(*) FILTER (NOT (${outside}) OR NOT (${outsideEnd})) FROM (SELECT ts FROM ${rowsView(context)} WHERE _reason = 0 LIMIT ${SAMPLE_ROWS})`,
    );
    const count = toCount(row?.[0]);
    const share = count === 0 ? 0 : toCount(row?.[1]) / count;
    if (count >= 100 && share >= SHARE_IN_SESSION) {
      inferred.push({
        fact: "calendar",
        value: name,
        why: `${(share * 100).toFixed(1)} % of the first ${count} bars lie in its sessions (${calendar.timezone})`,
      });
      return calendar;
    }
  }
  inferred.push({
    fact: "calendar",
    value: "none",
    why: `the bars fit none of ${CALENDAR_NAMES.join(", ")}; dates are in the zone ${timezone}`,
  });
  return null;
}

async function findInterval(
  context: ImportContext,
  plan: ImportPlan,
  inferred: InferredFact[],
): Promise<number> {
  const steps = await query(
    context,
    `SELECT step, count(*) AS n FROM (
       SELECT epoch_us(ts) - lag(epoch_us(ts)) OVER (PARTITION BY symbol ORDER BY ts) AS step
       FROM (SELECT DISTINCT symbol, ts FROM (SELECT symbol, ts FROM ${rowsView(context)} WHERE _reason = 0 LIMIT ${SAMPLE_ROWS}))
     ) WHERE step > 0 GROUP BY step ORDER BY n DESC, step LIMIT 1`,
  );
  const micros = toNumber(steps[0]?.[0]);
  if (micros === null || micros % MICROS_PER_SECOND !== 0) {
    const { path } = plan.groups[0]!.files[0]!;
    throw new QuiverError(
      "import-ambiguous",
      `Cannot import ${path}: the length of its bars cannot be inferred from their times. Pass it, for example --interval 60s.`,
      { path },
    );
  }
  const seconds = micros / MICROS_PER_SECOND;
  inferred.push({
    fact: "interval",
    value: `${seconds} s`,
    why: "the most frequent step between bars of a symbol",
  });
  return seconds;
}

/** Bars are stamped at their start if more of them lie at opening times than at closing times, else at their end. */
async function findStamp(
  context: ImportContext,
  timezone: string,
  sessions: SessionHours | null,
  range: TimeRange,
  inferred: InferredFact[],
): Promise<"start" | "end"> {
  if (sessions === null) {
    inferred.push({
      fact: "stamp",
      value: "start",
      why: "it was not given, and cannot be inferred without sessions",
    });
    return "start";
  }
  const local = zoneSql(openZone(timezone), range.from, range.to).toLocal("epoch_us(ts)");
  const at = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3));
  const opens = sessions.intervals.map((interval) => at(interval.open));
  const closes = sessions.intervals.map((interval) => at(interval.close) % 1440);
  const isAt = (minutes: readonly number[]) =>
    `count(*) FILTER ((${local} % ${MICROS_PER_DAY}) IN (${minutes.map((minute) => minute * MICROS_PER_MINUTE).join(", ")}))`;
  const [row] = await query(
    context,
    `SELECT ${isAt(opens)}, ${isAt(closes)} FROM (SELECT ts FROM ${rowsView(context)} WHERE _reason = 0 LIMIT ${SAMPLE_ROWS})`,
  );
  const atOpen = toCount(row?.[0]);
  const atClose = toCount(row?.[1]);
  const stamp = atClose > atOpen ? "end" : "start";
  inferred.push({
    fact: "stamp",
    value: stamp,
    why: `${atOpen} bars are stamped at an opening time, ${atClose} at a closing time`,
  });
  return stamp;
}

function assertSameClocks(request: ImportRequest, existing: DatasetRecord, clocks: Clocks): void {
  const facts = [
    ["stamp", request.stamp, clocks.stamp],
    ["calendar", request.calendar, clocks.calendar],
    ["interval", request.intervalSeconds, clocks.intervalSeconds],
    ["availability", request.availabilitySeconds, clocks.availabilitySeconds],
  ] as const;
  for (const [what, given, has] of facts) {
    if (given === undefined || given === has) continue;
    throw new QuiverError(
      "dataset-conflict",
      `Cannot import into the dataset ${existing.name} with ${what} ${given}: the dataset has ${what} ${has ?? "none"}, which applies to all its rows. Leave --${what} out, or import into a separate dataset.`,
      { dataset: existing.name, what, given, has },
    );
  }
}
