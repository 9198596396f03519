import { describe, expect, test } from "vitest";
import { cronProblem } from "../../../runtime/schedule/cron-problem.ts";

const FORMS = "a list such as 1,5, a range such as 1-5, a step such as */5, or *";

describe("cronProblem() names the field and what may stand there", () => {
  test.each([
    ["61 18 * * 1-5", `the minute is "61", expected 0 to 59, ${FORMS}`],
    ["* 25 * * *", `the hour is "25", expected 0 to 23, ${FORMS}`],
    ["0 18:30 * * *", `the hour is "18:30", expected 0 to 23, ${FORMS}`],
    ["0 0 32 * *", `the day of the month is "32", expected 1 to 31 or L, ${FORMS}`],
    ["0 0 * 13 *", `the month is "13", expected 1 to 12 or JAN to DEC, ${FORMS}`],
    ["0 0 * * MONDAY", `the weekday is "MONDAY", expected 0 to 7 or SUN to SAT, ${FORMS}`],
    ["60 * * * * *", `the second is "60", expected 0 to 59, ${FORMS}`],
    ["*/0 * * * *", `the minute is "*/0", expected 0 to 59, ${FORMS}`],
    ["0 17-9 * * *", `the hour is "17-9", expected 0 to 23, ${FORMS}`],
  ])("%s", (cron, problem) => {
    expect(cronProblem(cron)).toBe(problem);
  });

  test.each([
    ["", "nothing", "is"],
    ["18:30", "one", "is"],
    ["every day", "2", "are"],
    ["0 18 * * 1-5 2024 7", "7", "are"],
  ])("counts the fields of %j", (cron, count, verb) => {
    expect(cronProblem(cron)).toBe(
      `expected five fields (minute, hour, day of the month, month, weekday), or six with the second first; there ${verb} ${count}`,
    );
  });

  test("finds the nearest nickname", () => {
    expect(cronProblem("@dayly")).toBe(
      '"@dayly" is none of @yearly, @annually, @monthly, @weekly, @daily, @hourly. Did you mean "@daily"?',
    );
  });

  test.each([["30 18 * * 1-5"], ["*/5 * * * * *"], ["@daily"], ["0 0 L * MON-FRI"], ["0 0 * JAN,jul 5L"]])(
    "has none with %s",
    (cron) => {
      expect(cronProblem(cron)).toBeUndefined();
    },
  );
});
