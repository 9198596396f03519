import { describe, expect, test } from "vitest";
import { openZone, isZoneName } from "../../../shared/time/zone.ts";
import { formatInstant, parseWrittenTime } from "../../../shared/time/timestamps.ts";
import { formatDate, parseDate } from "../../../shared/time/dates.ts";

const local = (text: string) => parseWrittenTime(text)!.localMicros;
const instant = (text: string) => local(text);

describe("openZone()", () => {
  test("turns wall clocks into instants, gaps forward and repeats to the first", () => {
    const zone = openZone("America/New_York");
    const cases: [string, string][] = [
      ["2024-03-08 09:30", "2024-03-08T14:30:00Z"],
      ["2024-03-10 01:59", "2024-03-10T06:59:00Z"],
      ["2024-03-10 02:00", "2024-03-10T07:00:00Z"],
      ["2024-03-10 02:30", "2024-03-10T07:30:00Z"],
      ["2024-03-10 03:00", "2024-03-10T07:00:00Z"],
      ["2024-11-03 00:59", "2024-11-03T04:59:00Z"],
      ["2024-11-03 01:00", "2024-11-03T05:00:00Z"],
      ["2024-11-03 01:59", "2024-11-03T05:59:00Z"],
      ["2024-11-03 02:00", "2024-11-03T07:00:00Z"],
    ];
    for (const [text, expected] of cases) {
      expect([text, formatInstant(zone.toInstant(local(text)))]).toEqual([text, expected]);
    }
  });

  test("agrees with Intl over many years and zones, asked in and out of order", () => {
    const zones = [
      "America/New_York",
      "Europe/London",
      "Asia/Shanghai",
      "Australia/Lord_Howe",
      "Asia/Kolkata",
      "Africa/Casablanca",
      "UTC",
    ];
    let seed = 7;
    const random = () => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    for (const name of zones) {
      const zone = openZone(name);
      const format = new Intl.DateTimeFormat("en-CA", {
        timeZone: name,
        dateStyle: "short",
        timeStyle: "medium",
        hourCycle: "h23",
      });
      for (let at = 0; at < 400; at++) {
        const seconds = Math.floor(Date.UTC(1970, 0, 1) / 1000 + random() * 60 * 365 * 86_400);
        const own = formatInstant(zone.toLocal(seconds * 1e6))
          .replace("T", ", ")
          .replace("Z", "");
        expect([name, own]).toEqual([name, format.format(seconds * 1000)]);
        // Converted back: the same instant, or the first of two with that wall clock.
        const back = zone.toInstant(zone.toLocal(seconds * 1e6));
        expect(zone.toLocal(back)).toBe(zone.toLocal(seconds * 1e6));
        expect(back).toBeLessThanOrEqual(seconds * 1e6);
      }
    }
  });

  test("knows the length of the days on which clocks change", () => {
    const zone = openZone("America/New_York");
    const hours = (date: string) =>
      (zone.startOf(parseDate(date)! + 1) - zone.startOf(parseDate(date)!)) / 3_600e6;
    expect([hours("2024-03-09"), hours("2024-03-10"), hours("2024-11-03")]).toEqual([24, 23, 25]);
    expect(formatDate(zone.dateOf(instant("2024-03-11T03:59Z")))).toBe("2024-03-10");
    expect(formatDate(zone.dateOf(instant("2024-03-11T04:00Z")))).toBe("2024-03-11");
  });

  test("takes a fixed offset, and refuses what is no zone", () => {
    expect(formatInstant(openZone("+05:30").toInstant(local("2024-01-01 05:30")))).toBe(
      "2024-01-01T00:00:00Z",
    );
    expect(isZoneName("Mars/Base")).toBe(false);
    expect(() => openZone("Mars/Base")).toThrow(
      'Cannot use the time zone "Mars/Base": no such zone is known. Expected an IANA name such as "America/New_York", "Asia/Shanghai" or "UTC".',
    );
  });
});
