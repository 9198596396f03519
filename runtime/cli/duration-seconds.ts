import { parseDuration } from "../../shared/units/parse-duration.ts";
import { refusedOption } from "./refused-option.ts";

/**
 * Parses a duration such as `60s`, `5m`, `5min` or `1h` into seconds. A number needs a unit, because `5` could mean
 * minutes or seconds; only `0` stands alone. `days` is added to the refusal: what else the option accepts.
 */
export function durationSeconds(option: string, text: string, days = ""): number {
  const milliseconds = parseDuration(text);
  if (milliseconds !== undefined) return milliseconds / 1000;
  const value = text.trim();
  const expected = /^\d+(\.\d+)?$/.test(value)
    ? `its unit as well: ${value}s, ${value}min or ${value}h`
    : "a duration such as 30s, 5min or 1h";
  throw refusedOption(option, text, `${expected}${days}`);
}
