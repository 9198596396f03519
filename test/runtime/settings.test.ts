import { describe, expect, test } from "vitest";
import {
  readSettings,
  SETTING_NAMES,
  settingFlag,
  SETTINGS,
  settingVariable,
  settingDefault,
  settingPlaceholder,
} from "../../runtime/settings.ts";
import { messageOf } from "../../shared/errors/index.ts";

const refused = (flags: Record<string, unknown>, environment: Record<string, string> = {}): string => {
  try {
    readSettings(flags, environment);
  } catch (error) {
    return messageOf(error);
  }
  return "accepted";
};

describe("readSettings()", () => {
  test("takes the defaults when nothing is given", () => {
    const settings = readSettings({}, { PATH: "/bin" });
    expect(Object.keys(settings)).toEqual(SETTING_NAMES);
    for (const name of SETTING_NAMES) expect(settings[name]).toBe(SETTINGS[name].default);
  });

  test("prefers a flag to the environment, and the environment to the default", () => {
    expect(readSettings({ port: "9000" }, { QUIVER_PORT: "9001" }).port).toBe(9000);
    expect(readSettings({}, { QUIVER_PORT: "9001" }).port).toBe(9001);
    expect(readSettings({}, { QUIVER_PORT: "" }).port).toBe(8787);
  });

  test("reads sizes and durations with their units", () => {
    const settings = readSettings({ memoryBytes: "512MiB", sqlTimeoutMs: "1.5s", spoolBytes: "2g" }, {});
    expect([settings.memoryBytes, settings.sqlTimeoutMs, settings.spoolBytes]).toEqual([
      2 ** 29,
      1500,
      2 ** 31,
    ]);
  });

  test("refuses a value of the wrong kind and names its source", () => {
    expect(refused({ port: "http" })).toBe(
      'Cannot use "http" for --port: expected a whole number from 0 to 65535.',
    );
    expect(refused({ port: "70000" })).toBe(
      'Cannot use "70000" for --port: expected a whole number from 0 to 65535.',
    );
    expect(refused({ memoryBytes: "12 parsecs" })).toBe(
      'Cannot use "12 parsecs" for --memory-bytes: expected a size of at least 1MiB, for example "512MiB".',
    );
    expect(refused({}, { QUIVER_SQL_TIMEOUT_MS: "0" })).toBe(
      'Cannot use "0" for QUIVER_SQL_TIMEOUT_MS: expected a duration of at least 1ms, for example "30s".',
    );
    expect(refused({ lockWaitMs: "soon" })).toBe(
      'Cannot use "soon" for --lock-wait-ms: expected a duration, for example "30s".',
    );
    expect(refused({ data: "" })).toBe('Cannot use "" for --data: expected a path.');
  });

  test("refuses an unknown environment variable and names the nearest setting", () => {
    expect(refused({}, { QUIVER_PROT: "1" })).toBe(
      'Cannot use the environment variable QUIVER_PROT: there is no such setting. Did you mean "QUIVER_PORT"? "quiver doctor" lists them all.',
    );
  });
});

test("a setting's flag, variable and placeholder follow from its name and kind", () => {
  expect([
    settingDefault("arrowBodyBytesMax"),
    settingDefault("sqlTimeoutMs"),
    settingDefault("port"),
    settingDefault("token"),
  ]).toEqual(["4GiB", "60s", "8787", ""]);
  const placeholders = (["wallTimeMs", "logBytes", "port", "schedule", "data"] as const).map(
    settingPlaceholder,
  );
  expect(placeholders).toEqual(["duration", "size", "port", "file", "directory"]);
  expect(settingFlag("arrowBodyBytesMax")).toBe("--arrow-body-bytes-max");
  expect(settingVariable("arrowBodyBytesMax")).toBe("QUIVER_ARROW_BODY_BYTES_MAX");
});
