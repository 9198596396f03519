import { describe, expect, test } from "vitest";
import { clockOf, createClockOf } from "../../../runtime/invoke/clock-of.ts";
import type { DatasetRecord } from "../../../runtime/store/dataset.ts";
import { namedCalendar, openZone, parseDate } from "../../../shared/time/index.ts";

const DAY = 86_400_000_000;

function recordOf(calendar: string, firstTs: number, lastTs: number, interval: number | "1d"): DatasetRecord {
  const { timezone, sessions } = namedCalendar(calendar);
  return {
    name: "bars",
    firstTs,
    lastTs,
    clocks: {
      timezone,
      stamp: "start",
      intervalSeconds: interval,
      calendar,
      sessions,
      availabilitySeconds: 0,
    },
  } as unknown as DatasetRecord;
}

describe("clockOf()", () => {
  const first = parseDate("2015-01-02")! * DAY;
  const last = parseDate("2024-12-31")! * DAY;

  test("gives a zone's offset at every hour of the dataset's time", () => {
    const { utcOffsets } = clockOf(recordOf("us-equities", first, last, 60));
    expect(utcOffsets).toHaveLength(1 + 2 * 10);
    const zone = openZone("America/New_York");
    let at = 0;
    for (let time = first; time <= last; time += DAY / 24) {
      while (at + 1 < utcOffsets.length && time >= utcOffsets[at + 1]!.fromMicros) at++;
      if (utcOffsets[at]!.offsetSeconds * 1_000_000 !== zone.offsetAt(time)) expect.fail(`at ${time}`);
    }
  });

  test("gives sessions, holidays and half days as numbers", () => {
    const clock = clockOf(recordOf("us-equities", first / DAY, last / DAY, "1d"));
    expect(clock).toMatchObject({ intervalSeconds: 86_400, sessions: [[570, 960]] });
    expect(clock.holidays).toContain(parseDate("2024-07-04"));
    expect(clock.halfDays).toContainEqual({ date: parseDate("2024-07-03"), closeMinute: 780 });
    expect(clockOf(recordOf("cn-equities", first, last, 60)).sessions).toEqual([
      [570, 690],
      [780, 900],
    ]);
    expect(clockOf(recordOf("24x7", first, last, 60))).toMatchObject({
      sessions: [[0, 1440]],
      utcOffsets: [{ offsetSeconds: 0 }],
    });
  });

  test("is asked once a record", () => {
    const record = recordOf("us-equities", first, last, 60);
    const of = createClockOf();
    expect(of(record)).toBe(of(record));
    expect(of({ ...record })).not.toBe(of(record));
  });
});
