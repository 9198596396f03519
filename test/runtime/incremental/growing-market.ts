import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { ImportRequest } from "../../../shared/protocol/import.ts";
import { formatDate } from "../../../shared/time/index.ts";

/** A bar of the generated market. */
export interface Bar {
  readonly symbol: string;
  readonly day: number;
  readonly close: number;
  readonly adjClose: number;
  readonly volume: number;
}

export const SYMBOLS = ["AAA", "BBB", "CCC", "DDD", "EEE", "INDEX"] as const;

/** A Monday. */
const FIRST_DAY = 19_723;

/** Bars of weekdays `from` to `to`: walks from a seed, DDD listed late, CCC with gaps, EEE suspended for long. */
export function barsOf(from: number, to: number, symbols: readonly string[] = SYMBOLS): Bar[] {
  const bars: Bar[] = [];
  for (const symbol of symbols) {
    let close = 40 + (symbol.charCodeAt(0) % 7);
    for (let day = 0; day < to; day++) {
      const noise = (((day + 1) * 7919 + symbol.charCodeAt(0) * 104729 + day * day * 31) % 2001) - 1000;
      close *= 1 + noise / 25_000;
      if (day >= from && trades(symbol, day)) {
        const volume = 10_000 + ((day * 7919) % 5000);
        bars.push({ symbol, day, close, adjClose: close, volume });
      }
    }
  }
  return bars;
}

function trades(symbol: string, day: number): boolean {
  if (symbol === "CCC") return day % 7 !== 3;
  if (symbol === "DDD") return day >= 50;
  if (symbol === "EEE") return day < 15 || day >= 91;
  return true;
}

/** The day of a bar, as a date that is a weekday. */
function dateOf(day: number): string {
  return formatDate(FIRST_DAY + Math.floor(day / 5) * 7 + (day % 5));
}

/** Writes bars as a CSV file; every value follows from the close, so that equal bars are equal rows. */
export function writeBars(dir: string, name: string, bars: readonly Bar[]): string {
  const lines = bars.map(({ symbol, day, close, adjClose, volume }) => {
    const open = close * (1 + (((day * 13) % 11) - 5) / 1000);
    const high = Math.max(open, close) * 1.004;
    const low = Math.min(open, close) * 0.995;
    const numbers = [open, high, low, close, volume, adjClose].map((value) => value.toFixed(4));
    return [symbol, dateOf(day), ...numbers].join(",");
  });
  const path = join(dir, name);
  writeFileSync(path, `${["symbol,date,open,high,low,close,volume,adj_close", ...lines].join("\n")}\n`);
  return path;
}

export function importOf(path: string, dataset = "market"): ImportRequest {
  return { dataset, files: [path], timezone: "America/New_York", calendar: "us-equities" } as ImportRequest;
}
