import { refusedOption } from "./refused-option.ts";

const UNITS: Readonly<Record<string, number>> = { s: 1, sec: 1, m: 60, min: 60, h: 3600 };

/**
 * Seconds of a duration as people write it: `60s`, `5m` or `5min`, `1h`. A number alone is refused, since five of a
 * bar's minutes look the same as five seconds; nothing of anything is nothing. `days` says what else may stand there.
 */
export function durationSeconds(option: string, text: string, days = ""): number {
  const [, value, unit = ""] = /^(\d+(?:\.\d+)?)([a-z]*)$/.exec(text.trim()) ?? [];
  const factor = unit === "" && Number(value) === 0 ? 1 : UNITS[unit];
  if (value !== undefined && factor !== undefined) return Number(value) * factor;
  const expected =
    value !== undefined && unit === ""
      ? `its unit as well: ${value}s, ${value}min or ${value}h`
      : "a duration such as 30s, 5min or 1h";
  throw refusedOption(option, text, `${expected}${days}`);
}
