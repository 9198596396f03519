/** A calendar date as whole days since 1970-01-01, the unit of a daily dataset's `ts` (Arrow's `date32`). */
export type EpochDays = number;

/** Days since 1970-01-01 of a date in the proleptic Gregorian calendar; `month` counts from 1. */
export function daysOf(year: number, month: number, day: number): EpochDays {
  // Years begin in March here, so that the leap day is the last day of its year and needs no special case.
  const y = month <= 2 ? year - 1 : year;
  const era = Math.floor(y / 400);
  const yearOfEra = y - era * 400;
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146_097 + dayOfEra - 719_468;
}

/** Year, month (from 1) and day of a number of days since 1970-01-01. */
export function dateParts(days: EpochDays): { year: number; month: number; day: number } {
  const z = days + 719_468;
  const era = Math.floor(z / 146_097);
  const dayOfEra = z - era * 146_097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const monthFromMarch = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * monthFromMarch + 2) / 5) + 1;
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}

/** 0 is Sunday, 6 is Saturday. */
export function weekdayOf(days: EpochDays): number {
  return (((days + 4) % 7) + 7) % 7;
}

/** Parses `2015-04-08` or `20150408` as days; undefined when the text is not a calendar date. */
export function parseDate(text: string): EpochDays | undefined {
  const match = /^(\d{4})-(\d{2})-(\d{2})$|^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (match === null) return undefined;
  const year = Number(match[1] ?? match[4]);
  const month = Number(match[2] ?? match[5]);
  const day = Number(match[3] ?? match[6]);
  if (month < 1 || month > 12 || day < 1) return undefined;
  const days = daysOf(year, month, day);
  // 31 April rolls over into May, so a changed month means the date does not exist.
  return dateParts(days).month === month ? days : undefined;
}

/** The ISO text of a date. */
export function formatDate(days: EpochDays): string {
  const { year, month, day } = dateParts(days);
  return `${String(year).padStart(4, "0")}-${String(month).padStart(2, "0")}-${String(day).padStart(2, "0")}`;
}
