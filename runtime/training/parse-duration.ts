import { QuiverError } from "../../shared/errors/index.ts";
import { MICROS_PER_DAY, MICROS_PER_MINUTE, MICROS_PER_SECOND } from "../../shared/time/index.ts";

const UNITS: Readonly<Record<string, number>> = {
  s: MICROS_PER_SECOND,
  m: MICROS_PER_MINUTE,
  h: 60 * MICROS_PER_MINUTE,
  d: MICROS_PER_DAY,
  w: 7 * MICROS_PER_DAY,
};

/** `30s`, `15m`, `6h`, `5d`, `2w` in microseconds; a day is 24 hours. */
export function parseDuration(text: string, field: string): number {
  const micros = durationOf(text);
  if (micros !== undefined) return micros;
  throw refused(field, text, 'a duration such as "30s", "15m", "6h", "5d" or "2w"');
}

/** How far a label looks: `5 bars` (or `5`), or a duration. */
export function parseHorizon(
  text: string,
  field: string,
): { readonly bars: number } | { readonly micros: number } {
  const bars = /^(\d{1,9})\s*(?:bars?)?$/.exec(text.trim())?.[1];
  if (bars !== undefined) return { bars: Number(bars) };
  const micros = durationOf(text);
  if (micros !== undefined) return { micros };
  throw refused(field, text, 'a number of bars such as "5 bars", or a duration such as "30m" or "7d"');
}

function durationOf(text: string): number | undefined {
  const [, value, unit = ""] = /^(\d{1,9}(?:\.\d{1,6})?)\s*([smhdw])$/.exec(text.trim()) ?? [];
  const micros = UNITS[unit];
  return value === undefined || micros === undefined ? undefined : Math.round(Number(value) * micros);
}

function refused(field: string, given: string, expected: string): QuiverError {
  return new QuiverError(
    "request-malformed",
    `Cannot read \`${field}\` ${JSON.stringify(given)}: expected ${expected}.`,
    { field, given, expected },
  );
}
