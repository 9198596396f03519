import type { Clocks } from "../../../shared/time/index.ts";
import type { Bench } from "../open-bench.ts";
import { type BarTable, halved, splitPower } from "./bar-table.ts";
import { importTable } from "./import-table.ts";
import { makeBars } from "./make-bars.ts";
import { makeOther } from "./make-other.ts";
import type { MarketNeeds } from "./market-needs.ts";

/** The rows that functions are checked on, as datasets of a bench. */
export interface Market {
  /** What a sentence calls it. */
  readonly on: string;
  readonly dataset: string;
  /** The same rows in other files. */
  readonly layout: string;
  /** The same rows, with those of some symbols before `splitAt` adjusted for a two-for-one split. */
  readonly scaled: string;
  readonly splitAt: string;
  readonly table: BarTable;
  readonly isDaily: boolean;
  /** Every time at which the market has a bar, ascending. */
  readonly times: readonly string[];
  readonly symbols: readonly string[];
  /** Symbols without nulls and splits, which show how a value converges. */
  readonly cleanSymbols: readonly string[];
  /** Makes a dataset with one clean symbol of that many bars; undefined if bars cannot be made up. */
  readonly longHistory?: (barCount: number) => Promise<string>;
}

export interface MarketOptions {
  readonly needs: MarketNeeds;
  readonly interval: "daily" | "minute";
  readonly dayCount: number;
  readonly seed: number;
}

/** Makes up a market and the other datasets that the functions read, and imports them. */
export async function makeMarket(bench: Bench, options: MarketOptions): Promise<Market> {
  const { needs, interval, dayCount, seed } = options;
  const { columns, symbols } = needs;
  const table = makeBars({ interval, dayCount, seed, columns, symbols });
  const market = await openMarket(bench, table, {
    name: `made-up-${interval}`,
    isDaily: interval === "daily",
  });
  for (const need of needs.datasets) {
    const other = makeOther(need, market.symbols, dayCount, seed);
    await importTable(bench, need.name, other, { isDaily: true });
  }
  const made = new Map<number, Promise<string>>();
  const longHistory = (barCount: number) => {
    const promise = made.get(barCount) ?? makeLongHistory(bench, { ...options, dayCount: barCount });
    made.set(barCount, promise);
    return promise;
  };
  return interval === "daily" ? { ...market, longHistory } : market;
}

/** Some functions take decades to forget the start of their history. One symbol is enough to show it. */
async function makeLongHistory(bench: Bench, { needs, dayCount, seed }: MarketOptions): Promise<string> {
  const { columns, symbols } = needs;
  const table = makeBars({ interval: "daily", dayCount, seed, columns, symbols });
  const name = `made-up-${dayCount}-days`;
  const rows = table.rows.filter(({ symbol }) => symbol === "WALK" || symbols.includes(symbol));
  await importTable(bench, name, { ...table, rows }, { isDaily: true });
  return name;
}

export interface OpenMarketOptions {
  readonly name: string;
  readonly isDaily: boolean;
  readonly clocks?: Clocks;
  readonly on?: string;
}

/** Imports rows three times: unchanged, in other files, and adjusted for a split. */
export async function openMarket(bench: Bench, table: BarTable, options: OpenMarketOptions): Promise<Market> {
  const { name, isDaily } = options;
  const how = options.clocks === undefined ? { isDaily } : { isDaily, clocks: options.clocks };
  const times = [...new Set(table.rows.map(({ ts }) => ts))].toSorted();
  const symbols = [...new Set(table.rows.map(({ symbol }) => symbol))].toSorted();
  const splitAt = times[Math.floor(times.length * 0.6)]!;
  const [layout, scaled] = [`${name}-in-other-files`, `${name}-after-a-split`];
  await importTable(bench, name, table, how);
  // Every file has rows of every symbol, interleaved with those in the other files.
  await importTable(bench, layout, table, { ...how, fileOf: (_, index) => Math.floor(index / 17) % 3 });
  const isScaled = (symbol: string) => symbols.indexOf(symbol) % 2 === 1;
  await importTable(bench, scaled, halved(table, isScaled, splitAt), how);
  return {
    on:
      options.on ??
      `${table.rows.length} made-up ${isDaily ? "daily" : "minute"} bars of ${symbols.length} symbols`,
    dataset: name,
    layout,
    scaled,
    splitAt,
    table,
    isDaily,
    times,
    symbols,
    cleanSymbols: symbols.filter((symbol) => isClean(table, symbol)),
  };
}

function isClean({ columns, rows }: BarTable, symbol: string): boolean {
  const own = rows.filter((row) => row.symbol === symbol);
  const factor = columns.findIndex(({ name }) => name === "factor");
  const prices = columns.flatMap(({ name }, i) => (splitPower(name) === -1 ? [i] : []));
  return own.every(({ cells }, i) => {
    const before = own[i - 1]?.cells;
    if (cells.includes(null)) return false;
    // A bar without movement stays still even if its vwap or adjusted close varies.
    const isStill =
      before !== undefined && prices.slice(0, 4).every((price) => cells[price] === before[price]);
    return !isStill && (factor < 0 || before === undefined || cells[factor] === before[factor]);
  });
}
