import { describe, expect, test } from "vitest";
import { parseDuration } from "../../../shared/units/parse-duration.ts";

describe("parseDuration()", () => {
  test.each([
    ["250ms", 250],
    ["60s", 60_000],
    ["60sec", 60_000],
    ["5m", 300_000],
    [" 5min ", 300_000],
    ["1.5h", 5_400_000],
    ["2 d", 172_800_000],
    ["1W", 604_800_000],
    ["0", 0],
  ])("reads %j", (text, milliseconds) => {
    expect(parseDuration(text)).toBe(milliseconds);
  });

  test.each(["", "5", "0.5", "5x", "-5m", "m", "5 5m", "1e3s", "5constructor"])(
    "does not read %j",
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  test("counts bare numbers in the given unit", () => {
    expect(parseDuration("1500", "ms")).toBe(1500);
    expect(parseDuration("2s", "ms")).toBe(2000);
  });
});
