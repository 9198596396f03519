import { closeSync, mkdirSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { createRandom, type Random } from "../../random.ts";

export interface DemoMarketOptions {
  readonly symbolCount: number;
  readonly seed: number;
}

export interface DemoMarket {
  /** One CSV file per year, oldest first. */
  readonly files: readonly string[];
  /** How many data lines the files have, dirty ones included. */
  readonly lineCount: number;
}

const FIRST_YEAR = 2016;
const LAST_YEAR = 2023;
const HEADER = "symbol,date,open,high,low,close,volume,adj_close\n";

/**
 * Makes up eight years of daily bars and writes them as CSV: random walks with splits (raw prices and an adjusted
 * close), missing days, late listings, and a little dirt as in real files. The same seed gives the same bytes on every
 * machine and runtime, because only `+ − × ÷` are used.
 */
export function writeDemoMarket(dir: string, { symbolCount, seed }: DemoMarketOptions): DemoMarket {
  mkdirSync(dir, { recursive: true });
  const days = tradingDays();
  const years = new Map<number, YearFile>();
  for (let year = FIRST_YEAR; year <= LAST_YEAR; year++) years.set(year, openYear(dir, year));
  for (let index = 0; index < symbolCount; index++) {
    writeSymbol(symbolName(index), createRandom(seed + index * 7919), days, years);
  }
  const files = [...years.values()];
  for (const file of files) file.close();
  return {
    files: files.map((file) => file.path),
    lineCount: files.reduce((sum, file) => sum + file.lineCount, 0),
  };
}

/** A made-up symbol of four letters: QAAA, QAAB, … */
export function symbolName(index: number): string {
  const letter = (value: number) => String.fromCharCode(65 + (value % 26));
  return `Q${letter(Math.floor(index / 676))}${letter(Math.floor(index / 26))}${letter(index)}`;
}

interface Day {
  readonly date: string;
  readonly year: number;
}

function tradingDays(): Day[] {
  const days: Day[] = [];
  const end = Date.UTC(LAST_YEAR + 1, 0, 1);
  for (let time = Date.UTC(FIRST_YEAR, 0, 1); time < end; time += 86_400_000) {
    const day = new Date(time);
    const date = day.toISOString().slice(0, 10);
    const isWeekend = day.getUTCDay() === 0 || day.getUTCDay() === 6;
    if (!isWeekend && !/-(01-01|07-04|12-25)$/.test(date)) days.push({ date, year: day.getUTCFullYear() });
  }
  return days;
}

interface YearFile {
  readonly path: string;
  lineCount: number;
  write(line: string): void;
  close(): void;
}

function openYear(dir: string, year: number): YearFile {
  const path = join(dir, `bars-${year}.csv`);
  const file = openSync(path, "w");
  let pending = HEADER;
  const flush = () => {
    writeSync(file, pending);
    pending = "";
  };
  return {
    path,
    lineCount: 0,
    write(line) {
      pending += line;
      this.lineCount++;
      if (pending.length > 1 << 20) flush();
    },
    close() {
      flush();
      closeSync(file);
    },
  };
}

function writeSymbol(
  symbol: string,
  random: Random,
  days: readonly Day[],
  years: ReadonlyMap<number, YearFile>,
): void {
  // One symbol in five is listed late.
  const first = random.chance(0.2) ? Math.floor(random.uniform() * days.length * 0.8) : 0;
  const splits = planSplits(random, first, days.length);
  let splitFactor = splits.reduce((product, split) => product * split.ratio, 1);
  let price = 5 + random.uniform() * 195;
  const drift = 0.0003;
  const swing = 0.008 + random.uniform() * 0.02;
  for (let at = first; at < days.length; at++) {
    const day = days[at]!;
    const split = splits.find((candidate) => candidate.at === at);
    if (split !== undefined) splitFactor /= split.ratio;
    const open = price * (1 + 0.3 * swing * random.normal());
    price = Math.max(0.5, price * (1 + drift + swing * random.normal()));
    const high = Math.max(open, price) * (1 + 0.4 * swing * random.uniform());
    const low = Math.min(open, price) * (1 - 0.4 * swing * random.uniform());
    const volume = Math.round(1e5 * (0.5 + random.uniform()) * (1 + 20 * swing * random.uniform()));
    if (random.chance(0.002)) continue;
    const raw = [open, high, low, price].map((value) => (value * splitFactor).toFixed(2));
    // Computed from the rounded price: without a later split, both prices are the same number.
    const adjusted = (Number(raw[3]) / splitFactor).toFixed(6);
    writeBar(years.get(day.year)!, random, symbol, day.date, raw, volume, adjusted);
  }
}

/** Splits with whole-number ratios; rarely more than two per symbol. */
function planSplits(
  random: Random,
  first: number,
  end: number,
): { readonly at: number; readonly ratio: number }[] {
  const splits: { at: number; ratio: number }[] = [];
  while (splits.length < 3 && random.chance(0.25)) {
    const at = first + 20 + Math.floor(random.uniform() * Math.max(1, end - first - 40));
    if (!splits.some((split) => split.at === at))
      splits.push({ at, ratio: 2 + Math.floor(random.uniform() * 3) });
  }
  return splits;
}

function writeBar(
  file: YearFile,
  random: Random,
  symbol: string,
  date: string,
  raw: readonly string[],
  volume: number,
  adjusted: string,
): void {
  const [open = "", high = "", low = "", close = ""] = raw;
  const line = `${symbol},${date},${open},${high},${low},${close},${volume},${adjusted}\n`;
  const dirt = random.uniform();
  if (dirt >= 0.0005) return file.write(line);
  if (dirt < 0.0001) file.write(line + line);
  else if (dirt < 0.0002)
    file.write(`${symbol},${date},${open},${low},${high},${close},${volume},${adjusted}\n`);
  else if (dirt < 0.0003) file.write(`${symbol},${date},0,${high},0,${close},${volume},${adjusted}\n`);
  else if (dirt < 0.0004)
    file.write(`${symbol},${date},${open},n/a?,${low},${close},${volume},${adjusted}\n`);
  else file.write(HEADER + line);
  // The first and the last kind add a second line.
  if (dirt < 0.0001 || dirt >= 0.0004) file.lineCount++;
}
