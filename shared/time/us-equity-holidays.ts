import { daysOf, formatDate, weekdayOf, type EpochDays } from "./dates.ts";

/** Closures of the New York exchanges that follow no rule. */
const SPECIAL_CLOSURES = [
  "1994-04-27",
  "2001-09-11",
  "2001-09-12",
  "2001-09-13",
  "2001-09-14",
  "2004-06-11",
  "2007-01-02",
  "2012-10-29",
  "2012-10-30",
  "2018-12-05",
  "2025-01-09",
];

/** Early closes at 13:00 that follow no rule. */
const SPECIAL_HALF_DAYS = ["1997-12-26", "1999-12-31", "2003-12-26"];

/**
 * Full holidays and 13:00 closes of the New York exchanges, from the published rules and the special closures since
 * 1990. There were fewer half days before 1993; this does no harm, because bars are never dropped because of this
 * list.
 */
export function usEquityHolidays(
  firstYear: number,
  lastYear: number,
): { holidays: string[]; halfDays: string[] } {
  const within = (date: string) =>
    Number(date.slice(0, 4)) >= firstYear && Number(date.slice(0, 4)) <= lastYear;
  const holidays = SPECIAL_CLOSURES.filter(within);
  const halfDays = SPECIAL_HALF_DAYS.filter(within);
  for (let year = firstYear; year <= lastYear; year++) {
    holidays.push(...holidaysOf(year).map(formatDate));
    halfDays.push(...halfDaysOf(year).map(formatDate));
  }
  return { holidays: holidays.toSorted(), halfDays: halfDays.toSorted() };
}

const SUNDAY = 0;
const MONDAY = 1;
const WEDNESDAY = 3;
const THURSDAY = 4;
const SATURDAY = 6;

function holidaysOf(year: number): EpochDays[] {
  const days = [
    nthWeekday(year, 2, MONDAY, 3),
    easterSunday(year) - 2,
    lastMondayOfMay(year),
    observed(daysOf(year, 7, 4)),
    nthWeekday(year, 9, MONDAY, 1),
    nthWeekday(year, 11, THURSDAY, 4),
    observed(daysOf(year, 12, 25)),
  ];
  // A New Year's Day on a Saturday is not observed on the Friday before, which closes the books of the old year.
  const newYear = daysOf(year, 1, 1);
  if (weekdayOf(newYear) !== SATURDAY) days.push(observed(newYear));
  if (year >= 1998) days.push(nthWeekday(year, 1, MONDAY, 3));
  if (year >= 2022) days.push(observed(daysOf(year, 6, 19)));
  return days;
}

function halfDaysOf(year: number): EpochDays[] {
  const days: EpochDays[] = [nthWeekday(year, 11, THURSDAY, 4) + 1];
  const christmasEve = daysOf(year, 12, 24);
  if (isBetween(weekdayOf(christmasEve), MONDAY, THURSDAY)) days.push(christmasEve);
  const july3 = daysOf(year, 7, 3);
  const weekday = weekdayOf(july3);
  if (weekday === WEDNESDAY) {
    // When the 4th is a Thursday, the early close was on the Friday after it until 2013, and on the day before since.
    days.push(year >= 2013 ? july3 : july3 + 2);
  } else if (isBetween(weekday, MONDAY, THURSDAY)) {
    days.push(july3);
  }
  return days;
}

function isBetween(value: number, low: number, high: number): boolean {
  return value >= low && value <= high;
}

/** A holiday at the weekend is observed on the nearest weekday. */
function observed(date: EpochDays): EpochDays {
  if (weekdayOf(date) === SATURDAY) return date - 1;
  return weekdayOf(date) === SUNDAY ? date + 1 : date;
}

function nthWeekday(year: number, month: number, weekday: number, nth: number): EpochDays {
  const first = daysOf(year, month, 1);
  return first + ((weekday - weekdayOf(first) + 7) % 7) + (nth - 1) * 7;
}

function lastMondayOfMay(year: number): EpochDays {
  const last = daysOf(year, 5, 31);
  return last - ((weekdayOf(last) - MONDAY + 7) % 7);
}

/** Gregorian Easter by the anonymous algorithm published in Nature, 1876. */
function easterSunday(year: number): EpochDays {
  const a = year % 19;
  const b = Math.floor(year / 100);
  const c = year % 100;
  const d = (19 * a + b - Math.floor(b / 4) - Math.floor((b - Math.floor((b + 8) / 25) + 1) / 3) + 15) % 30;
  const e = (32 + 2 * (b % 4) + 2 * Math.floor(c / 4) - d - (c % 4)) % 7;
  const f = d + e - 7 * Math.floor((a + 11 * d + 22 * e) / 451) + 114;
  return daysOf(year, Math.floor(f / 31), (f % 31) + 1);
}
