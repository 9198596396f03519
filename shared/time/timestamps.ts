import { formatDate, parseDate } from "./dates.ts";

/**
 * An instant as microseconds since 1970-01-01T00:00Z, the unit of an intraday dataset's `ts`. A number represents it
 * exactly between 1684 and 2255.
 */
export type EpochMicros = number;

export const MICROS_PER_SECOND = 1_000_000;
export const MICROS_PER_MINUTE = 60_000_000;
export const MICROS_PER_DAY = 86_400_000_000;

/** A date and time as written: `localMicros` ignores the zone; `offsetMicros` is undefined when none is written. */
export interface WrittenTime {
  readonly localMicros: number;
  readonly offsetMicros: number | undefined;
}

const PATTERN =
  /^(\d{4}-?\d{2}-?\d{2})[T ](\d{2}):?(\d{2})(?::?(\d{2})(?:[.,](\d{1,9}))?)?\s*(Z|UTC|[+-]\d{2}(?::?\d{2})?)?$/i;

/** Parses `2024-03-08T14:30:00.5Z`, `2024-03-08 14:30`, `2024-03-08T09:30-05:00`; undefined for anything else. */
export function parseWrittenTime(text: string): WrittenTime | undefined {
  const match = PATTERN.exec(text.trim());
  if (match === null) return undefined;
  const days = parseDate(match[1]!);
  const hour = Number(match[2]);
  const minute = Number(match[3]);
  const second = Number(match[4] ?? 0);
  if (days === undefined || hour > 24 || minute > 59 || second > 59) return undefined;
  if (hour === 24 && (minute > 0 || second > 0)) return undefined;
  const fraction = Number((match[5] ?? "").slice(0, 6).padEnd(6, "0"));
  const localMicros =
    days * MICROS_PER_DAY + ((hour * 60 + minute) * 60 + second) * MICROS_PER_SECOND + fraction;
  return { localMicros, offsetMicros: match[6] === undefined ? undefined : offsetOf(match[6]) };
}

/** The shortest exact ISO text of an instant, in UTC with Z: `2024-03-08T14:30:00Z`. */
export function formatInstant(micros: EpochMicros): string {
  const days = Math.floor(micros / MICROS_PER_DAY);
  const rest = micros - days * MICROS_PER_DAY;
  const fraction = rest % MICROS_PER_SECOND;
  const tail = fraction === 0 ? "" : `.${String(fraction).padStart(6, "0").replace(/0+$/, "")}`;
  return `${formatDate(days)}T${clockText(Math.floor(rest / MICROS_PER_SECOND))}${tail}Z`;
}

function clockText(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  return `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
}

function offsetOf(text: string): number {
  if (/^(Z|UTC)$/i.test(text)) return 0;
  const sign = text.startsWith("-") ? -1 : 1;
  const digits = text.slice(1).replace(":", "");
  return sign * (Number(digits.slice(0, 2)) * 60 + Number(digits.slice(2) || 0)) * MICROS_PER_MINUTE;
}
