import { namedCalendar } from "../../../shared/time/calendars.ts";
import { createRandom, type Random } from "../../random.ts";
import type { BarRow, BarTable, CellValue } from "./bar-table.ts";
import type { ColumnNeed } from "./market-needs.ts";

export interface BarsOptions {
  readonly interval: "daily" | "minute";
  /** The number of bars in the longest histories, if they are daily. */
  readonly dayCount: number;
  readonly seed: number;
  /** Columns other than the usual ones that some function reads. */
  readonly columns: readonly ColumnNeed[];
  /** Symbols that some function reads by name. */
  readonly symbols: readonly string[];
}

/** The troubles that the market's symbols have. Verdicts show the names. */
interface Character {
  readonly name: string;
  /** The part of the market's time during which it is listed. */
  readonly from?: number;
  readonly to?: number;
  readonly splits?: readonly { readonly at: number; readonly ratio: number }[];
  readonly gaps?: boolean;
  readonly nulls?: boolean;
  readonly flat?: readonly [from: number, to: number];
  readonly void?: boolean;
  readonly one?: boolean;
}

const CHARACTERS: readonly Character[] = [
  { name: "FLAT", flat: [0.45, 0.6] },
  { name: "GAPS", gaps: true, splits: [{ at: 0.7, ratio: 4 }] },
  { name: "LATE", from: 0.7 },
  { name: "NULLS", nulls: true },
  { name: "ONE", from: 0.5, one: true },
  {
    name: "SPLIT",
    splits: [
      { at: 0.35, ratio: 2 },
      { at: 0.75, ratio: 2 },
    ],
  },
  { name: "VOID", from: 0.4, to: 0.55, void: true },
  { name: "WALK" },
];
/** Minute bars are many, so fewer symbols have to do. */
const MINUTE_CHARACTERS = ["FLAT", "NULLS", "ONE", "SPLIT", "VOID"];
const MINUTE_DAYS = 24;

const USUAL = ["open", "high", "low", "close", "volume", "vwap", "adj_close", "factor"] as const;

/**
 * Makes a small market with everything that tends to break functions: splits, missing bars, late listings, nulls,
 * periods without movement, a symbol with one bar and one without any value. The same seed gives the same rows on every
 * runtime. Split ratios are powers of two, so that an adjusted price has the bits of a raw one.
 */
export function makeBars(spec: BarsOptions): BarTable {
  const times = spec.interval === "daily" ? tradingDays(spec.dayCount) : minutesOf(tradingDays(MINUTE_DAYS));
  const extra = spec.columns.filter(({ name }) => !USUAL.some((usual) => usual === name));
  const characters = [
    ...CHARACTERS.filter(({ name }) => spec.interval === "daily" || MINUTE_CHARACTERS.includes(name)),
    ...spec.symbols.map((name): Character => ({ name })),
  ].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const solid = new Set(spec.columns.filter((column) => !column.nullable).map(({ name }) => name));
  const rows = characters.flatMap((character, index) => {
    const random = createRandom(spec.seed + index * 7919);
    return symbolRows(character, times, random, { extra, solid, isMinute: spec.interval === "minute" });
  });
  const usual = USUAL.map((name) => ({ name, type: "float64" as const }));
  return { kind: "bars", columns: [...usual, ...extra.map(({ name, type }) => ({ name, type }))], rows };
}

interface RowRules {
  readonly extra: readonly ColumnNeed[];
  /** Columns that must not hold nulls. */
  readonly solid: ReadonlySet<string>;
  readonly isMinute: boolean;
}

function symbolRows(
  character: Character,
  times: readonly string[],
  random: Random,
  { extra, solid, isMinute }: RowRules,
): BarRow[] {
  const at = (part: number) => Math.floor(part * times.length);
  const first = at(character.from ?? 0);
  const end = character.one === true ? first + 1 : at(character.to ?? 1);
  const splits = (character.splits ?? []).map(({ at: part, ratio }) => ({ row: at(part), ratio }));
  const total = splits.reduce((product, { ratio }) => product * ratio, 1);
  const swing = (0.008 + random.uniform() * 0.012) / (isMinute ? 10 : 1);
  const [flatFrom, flatTo] = (character.flat ?? [1, 1]).map(at);
  const names = [...USUAL, ...extra.map(({ name }) => name)];
  const rows: BarRow[] = [];
  let price = cents(20 + random.uniform() * 80);
  for (let row = first; row < end; row++) {
    const isFlat = row >= flatFrom! && row < flatTo!;
    const open = isFlat ? price : cents(price * (1 + 0.3 * swing * random.normal()));
    price = isFlat ? price : Math.max(1, cents(open * (1 + swing * random.normal())));
    const high = isFlat ? price : cents(Math.max(open, price) * (1 + 0.5 * swing * random.uniform()));
    const low = isFlat ? price : cents(Math.min(open, price) * (1 - 0.5 * swing * random.uniform()));
    const shares =
      isFlat && row % 2 === 0 ? 0 : 64 * Math.round((isMinute ? 20 : 2000) * (0.5 + random.uniform()));
    // The product of later splits: raw prices are on the scale of their own time.
    const later = splits.reduce((product, split) => (row < split.row ? product * split.ratio : product), 1);
    const vwap = Math.round(((high + low + price) / 3) * 1e4) / 1e4;
    const bar: CellValue[] = [
      open * later,
      Math.max(open, price, high) * later,
      Math.min(open, price, low) * later,
      price * later,
      shares / later,
      vwap * later,
      price,
      total / later,
      ...extra.map((column) => extraValue(column, row, random)),
    ];
    if (character.gaps === true && random.chance(0.06)) continue;
    const cells = bar.map((cell, i) => {
      const name = names[i]!;
      if (solid.has(name) || name === "factor" || name === "adj_close") return cell;
      if (character.void === true) return null;
      const isHole = character.nulls === true && (row - first < 3 || row % 97 < 4 || random.chance(0.02));
      return isHole ? null : cell;
    });
    rows.push({ symbol: character.name, ts: times[row]!, cells });
  }
  return rows;
}

function extraValue({ type }: ColumnNeed, row: number, random: Random): CellValue {
  switch (type) {
    case "float64":
    case "float32":
      return Math.round(1e4 * (1 + 0.1 * random.normal())) / 1e4;
    case "bool":
      return random.chance(0.5) ? "true" : "false";
    case "utf8":
      return ["a", "b", "c"][row % 3]!;
    default:
      return Math.floor(100 * random.uniform());
  }
}

function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

/** The last `count` trading days up to the end of 2023. */
export function tradingDays(count: number): string[] {
  const holidays = new Set(namedCalendar("us-equities").sessions.holidays);
  const days: string[] = [];
  for (let time = Date.UTC(2023, 11, 29); days.length < count; time -= 86_400_000) {
    const date = new Date(time).toISOString().slice(0, 10);
    const weekday = new Date(time).getUTCDay();
    if (weekday !== 0 && weekday !== 6 && !holidays.has(date)) days.push(date);
  }
  return days.toReversed();
}

/** Every minute of these days' sessions in winter time, including half days, stamped at its start. */
function minutesOf(days: readonly string[]): string[] {
  const halfDays = new Set(namedCalendar("us-equities").sessions.halfDays.map(({ date }) => date));
  return days.flatMap((date) => {
    const minutes = halfDays.has(date) ? 210 : 390;
    const open = Date.parse(`${date}T14:30:00Z`);
    return Array.from({ length: minutes }, (_, minute) =>
      new Date(open + minute * 60_000).toISOString().replace(".000Z", "Z"),
    );
  });
}
