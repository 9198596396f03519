import { type SessionClock, tradingMinutes } from "quiver/kernels";
import { describe, expect, test } from "vitest";
import { namedCalendar, openSessions, openZone } from "../../../../shared/time/index.ts";
import { clockOf } from "../../../../runtime/invoke/clock-of.ts";
import type { DatasetRecord } from "../../../../runtime/store/dataset.ts";

const at = (text: string) => Date.parse(text) * 1000;

/** A handler's clock for a named calendar, as the runtime builds it. */
function clockFor(name: string, stamp: "start" | "end", from: string, to: string): SessionClock {
  const { timezone, sessions } = namedCalendar(name);
  const clocks = { timezone, stamp, intervalSeconds: 60, calendar: name, sessions, availabilitySeconds: 0 };
  const record: Partial<DatasetRecord> = { clocks, firstTs: at(from), lastTs: at(to) };
  // Only what `clockOf` reads.
  return clockOf(record as DatasetRecord);
}

function minutesOf(times: readonly number[], clock: SessionClock) {
  const [fromOpen, toClose] = [new Float64Array(times.length), new Float64Array(times.length)];
  tradingMinutes(BigInt64Array.from(times, BigInt), clock, fromOpen, toClose);
  return { fromOpen: [...fromOpen], toClose: [...toClose] };
}

describe("tradingMinutes()", () => {
  test("counts from the local open to the local close, whatever the offset of the day", () => {
    const clock = clockFor("us-equities", "start", "2024-03-01", "2024-03-20");
    const times = ["2024-03-08T14:30Z", "2024-03-08T20:59Z", "2024-03-11T13:30Z", "2024-03-11T19:59Z"];
    expect(minutesOf(times.map(at), clock)).toEqual({
      fromOpen: [0, 389, 0, 389],
      toClose: [390, 1, 390, 1],
    });
  });

  test("leaves out the break, and is null in it and outside the day", () => {
    const clock = clockFor("cn-equities", "end", "2024-03-01", "2024-03-02");
    const local = ["09:30", "09:31", "11:30", "11:31", "13:00", "13:01", "15:00", "15:01"];
    const times = local.map((time) => at(`2024-03-01T${time}+08:00`));
    expect(minutesOf(times, clock)).toEqual({
      fromOpen: [NaN, 1, 120, NaN, NaN, 121, 240, NaN],
      toClose: [NaN, 239, 120, NaN, NaN, 119, 0, NaN],
    });
  });

  test("runs to the early close of a half day, and is null on a holiday", () => {
    const clock = clockFor("us-equities", "start", "2024-11-01", "2024-12-01");
    const times = ["2024-11-28T15:00Z", "2024-11-29T14:30Z", "2024-11-29T17:59Z", "2024-11-29T18:00Z"];
    expect(minutesOf(times.map(at), clock)).toEqual({
      fromOpen: [NaN, 0, 209, NaN],
      toClose: [NaN, 210, 1, NaN],
    });
  });

  test("keeps parts of a minute", () => {
    const clock = clockFor("us-equities", "start", "2024-03-01", "2024-03-02");
    expect(minutesOf([at("2024-03-01T14:30:30Z")], clock)).toEqual({ fromOpen: [0.5], toClose: [389.5] });
  });

  test.each([
    ["us-equities", "start"],
    ["us-equities", "end"],
    ["cn-equities", "start"],
    ["cn-equities", "end"],
    ["24x7", "start"],
    ["24x7", "end"],
  ] as const)("agrees with the server's own sessions of %s stamped at the %s", (name, stamp) => {
    const clock = clockFor(name, stamp, "2024-10-25", "2024-12-10");
    const { timezone, sessions: hours } = namedCalendar(name);
    const sessions = openSessions(hours, openZone(timezone));
    // Every 13 minutes, on weekdays only, because weekends follow from the calendar.
    const times: number[] = [];
    for (let time = at("2024-10-25"); time < at("2024-12-10"); time += 13 * 60_000_000) {
      const isWeekday = (Math.floor(time / 86_400_000_000) + 3) % 7 < 5;
      if (sessions.isInSession(time, stamp) || (name !== "24x7" && isWeekday)) times.push(time);
    }
    const expected = (minutes: (time: number, stamp: "start" | "end") => number) =>
      times.map((time) => (sessions.isInSession(time, stamp) ? minutes(time, stamp) : NaN));
    expect(minutesOf(times, clock)).toEqual({
      fromOpen: expected((time) => sessions.minutesFromOpen(time, stamp)),
      toClose: expected((time) => sessions.minutesToClose(time, stamp)),
    });
    expect(times.length).toBeGreaterThan(1_000);
  });

  test("of no bars is nothing", () => {
    expect(minutesOf([], clockFor("24x7", "start", "2024-01-01", "2024-01-02"))).toEqual({
      fromOpen: [],
      toClose: [],
    });
  });
});
