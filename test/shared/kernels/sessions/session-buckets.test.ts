import { bucketEnd, localDates, sessionBuckets, type SessionClock, toInstant } from "quiver/kernels";
import { describe, expect, test } from "vitest";

const MINUTE = 60_000_000;
const DAY = 86_400_000_000;
const at = (text: string) => BigInt(Date.parse(text)) * 1000n;
const localText = (micros: number) => new Date(micros / 1000).toISOString().slice(0, 16);

/** New York around the end of daylight saving on 2024-11-03. */
const NEW_YORK = {
  stamp: "start" as const,
  sessions: [[570, 960]] as const,
  holidays: [Date.parse("2024-11-28") / 86_400_000],
  halfDays: [{ date: Date.parse("2024-11-29") / 86_400_000, closeMinute: 780 }],
  utcOffsets: [
    { fromMicros: Number(at("2024-03-10T07:00Z")), offsetSeconds: -4 * 3600 },
    { fromMicros: Number(at("2024-11-03T06:00Z")), offsetSeconds: -5 * 3600 },
  ],
};

const SHANGHAI = {
  stamp: "end" as const,
  sessions: [
    [570, 690],
    [780, 900],
  ] as const,
  holidays: [],
  halfDays: [],
  utcOffsets: [{ fromMicros: 0, offsetSeconds: 8 * 3600 }],
};

function bucketsOf(times: readonly string[], clock: SessionClock, minutes: number) {
  const out = new Float64Array(times.length);
  sessionBuckets(BigInt64Array.from(times, at), clock, minutes, out);
  return Array.from(out, (bucket) => (Number.isNaN(bucket) ? null : localText(bucket)));
}

describe("sessionBuckets()", () => {
  test("counts from the local opening, whatever the offset of the day", () => {
    const times = ["2024-11-01T13:30Z", "2024-11-01T14:29Z", "2024-11-01T14:30Z", "2024-11-04T14:30Z"];
    expect(bucketsOf(times, NEW_YORK, 60)).toEqual([
      "2024-11-01T09:30",
      "2024-11-01T09:30",
      "2024-11-01T10:30",
      "2024-11-04T09:30",
    ]);
  });

  test("leaves out bars before the opening and from the close on", () => {
    const times = ["2024-11-04T14:29Z", "2024-11-04T20:59Z", "2024-11-04T21:00Z"];
    expect(bucketsOf(times, NEW_YORK, 60)).toEqual([null, "2024-11-04T15:30", null]);
  });

  test("ends a half day at its own close, and has no buckets on a holiday", () => {
    const times = ["2024-11-28T15:00Z", "2024-11-29T17:59Z", "2024-11-29T18:00Z"];
    expect(bucketsOf(times, NEW_YORK, 60)).toEqual([null, "2024-11-29T12:30", null]);
    expect(bucketsOf(times, NEW_YORK, 0)).toEqual([null, "2024-11-29T00:00", null]);
  });

  test("puts a bar stamped at its end where it ends, and nothing over the lunch break", () => {
    const times = ["01:30", "01:31", "02:30", "03:30", "05:00", "05:01", "07:00", "07:01"].map(
      (time) => `2024-03-01T${time}Z`,
    );
    expect(bucketsOf(times, SHANGHAI, 60)).toEqual([
      // 09:30 ends the time before the opening, 13:00 the break.
      null,
      "2024-03-01T09:30",
      "2024-03-01T09:30",
      "2024-03-01T10:30",
      null,
      "2024-03-01T13:00",
      "2024-03-01T14:00",
      null,
    ]);
  });

  test("without sessions counts from midnight", () => {
    const clock = { ...SHANGHAI, sessions: [], stamp: "start" as const };
    expect(bucketsOf(["2024-03-01T16:07Z"], clock, 15)).toEqual(["2024-03-02T00:00"]);
  });
});

describe("bucketEnd()", () => {
  const day = Date.parse("2024-11-29") * 1000;
  test("is cut at the end of the interval, on a half day at its close", () => {
    expect(bucketEnd(day + 570 * MINUTE, NEW_YORK, 60)).toBe(day + 630 * MINUTE);
    expect(bucketEnd(day + 750 * MINUTE, NEW_YORK, 60)).toBe(day + 780 * MINUTE);
    expect(bucketEnd(day + 3 * DAY + 930 * MINUTE, NEW_YORK, 60)).toBe(day + 3 * DAY + 960 * MINUTE);
  });
});

describe("toInstant() and localDates()", () => {
  test("come back to where a bar was, on either side of a change of offset", () => {
    for (const text of ["2024-11-01T13:30Z", "2024-11-04T14:30Z"]) {
      const instant = Number(at(text));
      const local = Date.parse(`${text.slice(0, 10)}T09:30Z`) * 1000;
      expect(toInstant(local, instant, NEW_YORK)).toBe(instant);
    }
  });

  test("give a bar that ends at midnight the day before", () => {
    const ts = BigInt64Array.of(at("2024-03-01T15:59Z"), at("2024-03-01T16:00Z"), at("2024-03-01T16:01Z"));
    const dates = new Int32Array(3);
    localDates(ts, SHANGHAI, dates);
    expect(Array.from(dates, (date) => localText(date * DAY).slice(0, 10))).toEqual([
      "2024-03-01",
      "2024-03-01",
      "2024-03-02",
    ]);
  });
});
