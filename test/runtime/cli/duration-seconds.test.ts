import { describe, expect, test } from "vitest";
import { durationSeconds } from "../../../runtime/cli/duration-seconds.ts";

describe("durationSeconds()", () => {
  test.each([
    ["60s", 60],
    ["60sec", 60],
    ["5m", 300],
    [" 5min ", 300],
    ["1.5h", 5400],
    ["0", 0],
  ])("reads %j", (text, seconds) => {
    expect(durationSeconds("--availability", text)).toBe(seconds);
  });

  test.each([
    ["5", 'Cannot use "5" for --availability: expected its unit as well: 5s, 5min or 5h.'],
    ["0.5", 'Cannot use "0.5" for --availability: expected its unit as well: 0.5s, 0.5min or 0.5h.'],
    ["5x", 'Cannot use "5x" for --availability: expected a duration such as 30s, 5min or 1h.'],
    ["-5m", 'Cannot use "-5m" for --availability: expected a duration such as 30s, 5min or 1h.'],
    ["m", 'Cannot use "m" for --availability: expected a duration such as 30s, 5min or 1h.'],
    ["", 'Cannot use "" for --availability: expected a duration such as 30s, 5min or 1h.'],
  ])("refuses %j", (text, message) => {
    expect(() => durationSeconds("--availability", text)).toThrow(message);
  });
});
