import { QuiverError } from "../../shared/errors/index.ts";
import { parseDuration } from "../../shared/units/parse-duration.ts";

/** `30s`, `15m`, `6h`, `5d`, `2w` in microseconds; a day is 24 hours. */
export function durationMicros(text: string, field: string): number {
  const micros = microsOf(text);
  if (micros !== undefined) return micros;
  throw refused(field, text, 'a duration such as "30s", "15m", "6h", "5d" or "2w"');
}

/** How far a label looks ahead: `5 bars` (or `5`), or a duration. */
export function parseHorizon(
  text: string,
  field: string,
): { readonly bars: number } | { readonly micros: number } {
  const bars = /^(\d{1,9})\s*(?:bars?)?$/.exec(text.trim())?.[1];
  if (bars !== undefined) return { bars: Number(bars) };
  const micros = microsOf(text);
  if (micros !== undefined) return { micros };
  throw refused(field, text, 'a number of bars such as "5 bars", or a duration such as "30m" or "7d"');
}

function microsOf(text: string): number | undefined {
  const milliseconds = parseDuration(text);
  return milliseconds === undefined ? undefined : Math.round(milliseconds * 1000);
}

function refused(field: string, given: string, expected: string): QuiverError {
  return new QuiverError(
    "request-malformed",
    `Cannot read \`${field}\` ${JSON.stringify(given)}: expected ${expected}.`,
    { field, given, expected },
  );
}
