import { describe, expect, test } from "vitest";
import { dateParts, daysOf, formatDate, parseDate, weekdayOf } from "../../../shared/time/dates.ts";
import { formatInstant, parseWrittenTime } from "../../../shared/time/timestamps.ts";

describe("dates", () => {
  test("agree with the runtime's own calendar on every day of four centuries", () => {
    for (let days = daysOf(1800, 1, 1); days < daysOf(2200, 1, 1); days++) {
      const date = new Date(days * 86_400_000);
      const parts = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() };
      const own = dateParts(days);
      if (own.year !== parts.year || own.month !== parts.month || own.day !== parts.day) {
        expect({ days, ...own }).toEqual({ days, ...parts });
      }
      if (daysOf(parts.year, parts.month, parts.day) !== days) expect(parts).toBe(days);
      if (weekdayOf(days) !== date.getUTCDay()) expect(weekdayOf(days)).toBe(date.getUTCDay());
    }
  });

  test("parseDate() takes two forms and no day that is none", () => {
    expect(parseDate("2015-04-08")).toBe(16_533);
    expect(parseDate("20150408")).toBe(16_533);
    expect(parseDate("2024-02-29")).toBe(19_782);
    for (const text of [
      "2023-02-29",
      "2015-04-31",
      "2015-13-01",
      "2015-00-10",
      "2015-01-00",
      "2015-1-1",
      "08.04.2015",
      "",
      "2015-04-08T00:00",
    ]) {
      expect([text, parseDate(text)]).toEqual([text, undefined]);
    }
  });

  test("formatDate() gives back what parseDate() took", () => {
    for (const text of ["0001-01-01", "1969-12-31", "1970-01-01", "2000-02-29", "9999-12-31"]) {
      expect(formatDate(parseDate(text)!)).toBe(text);
    }
  });
});

describe("times", () => {
  test("parseWrittenTime() reads the wall clock and the offset apart", () => {
    const noon = parseDate("2024-03-08")! * 86_400e6 + 12 * 3_600e6;
    const offset = (hours: number) => hours * 3_600e6;
    const forms: [string, number, number | undefined][] = [
      ["2024-03-08 12:00", noon, undefined],
      ["2024-03-08T12:00:00", noon, undefined],
      ["20240308 1200", noon, undefined],
      ["2024-03-08T12:00Z", noon, 0],
      ["2024-03-08T12:00:00.000001z", noon + 1, 0],
      ["2024-03-08T12:00:00.123456789+05:30", noon + 123_456, offset(5.5)],
      ["2024-03-08 12:00:00 -0500", noon, offset(-5)],
      ["2024-03-08 12:00:00-05", noon, offset(-5)],
      ["2024-03-07 24:00", noon - offset(12), undefined],
    ];
    for (const [text, localMicros, offsetMicros] of forms) {
      expect([text, parseWrittenTime(text)]).toEqual([text, { localMicros, offsetMicros }]);
    }
    for (const text of [
      "2024-03-08",
      "2024-03-08 25:00",
      "2024-03-08 24:01",
      "2024-03-08 12:60",
      "2024-02-30 12:00",
      "noon",
    ]) {
      expect([text, parseWrittenTime(text)]).toEqual([text, undefined]);
    }
  });

  test("formatInstant() is as short as it is exact", () => {
    expect(formatInstant(0)).toBe("1970-01-01T00:00:00Z");
    expect(formatInstant(-1)).toBe("1969-12-31T23:59:59.999999Z");
    expect(formatInstant(1_709_908_200_500_000)).toBe("2024-03-08T14:30:00.5Z");
  });
});
