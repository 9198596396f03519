import type { UnitGiven } from "quiver/testing";
import { dataFile } from "../support/real-data.ts";

const instant = (text: string) => Date.parse(text) * 1_000;
const day = (text: string) => Date.parse(`${text}T00:00:00Z`) / 86_400_000;

/** New York's regular hours in 2024, with its half days and changes of the clocks. */
export const NEW_YORK = {
  timezone: "America/New_York",
  stamp: "start",
  intervalSeconds: 60,
  sessions: [[570, 960]],
  holidays: [],
  halfDays: ["2024-07-03", "2024-11-29", "2024-12-24"].map((date) => ({ date: day(date), closeMinute: 780 })),
  utcOffsets: [
    { fromMicros: 0, offsetSeconds: -18_000 },
    { fromMicros: instant("2024-03-10T07:00:00Z"), offsetSeconds: -14_400 },
    { fromMicros: instant("2024-11-03T06:00:00Z"), offsetSeconds: -18_000 },
  ],
} as const satisfies UnitGiven["clock"];

/**
 * SQL of real minute bars: `us` (microseconds since 1970), local `day` and `minute` of the day, and whether the bar is
 * `inside` the regular hours, which this query knows by itself.
 */
export function usMinuteBars(symbols: readonly string[], from: string, to: string): string {
  return `
    select *, minute >= 570 and minute < (
      case when day in ('2024-07-03', '2024-11-29', '2024-12-24') then 780 else 960 end) as inside
    from (
      select symbol, us, high, low, close, volume, cast(local as date)::varchar as day,
        (extract(hour from local) * 60 + extract(minute from local))::int as minute
      from (
        select symbol, epoch_us(ts) as us, high::double as high, low::double as low, close::double as close, volume,
          ts - (case when ts >= '2024-03-10 07:00' and ts < '2024-11-03 06:00' then interval 4 hour
            else interval 5 hour end) as local
        from read_parquet('${dataFile("us-1min/bars.parquet")}')
        where symbol in (${symbols.map((symbol) => `'${symbol}'`).join(", ")}) and ts >= '${from}' and ts < '${to}'
      )
    )`;
}
