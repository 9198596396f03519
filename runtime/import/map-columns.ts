import { didYouMean, QuiverError } from "../../shared/errors/index.ts";
import type { ImportRequest, InferredFact } from "../../shared/protocol/import.ts";

/** The source columns of each canonical name. `ts` may have two: a date and a time of day. */
export interface ColumnMap {
  readonly symbol: string | null;
  readonly ts: readonly string[];
  readonly knownAt: string | null;
  /** The rest, in canonical order. */
  readonly values: readonly { readonly name: string; readonly source: string }[];
}

/** Common names of the canonical columns, the most reliable first, compared in snake case. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  symbol: [
    "symbol",
    "ticker",
    "sym",
    "code",
    "instrument",
    "ts_code",
    "stock_code",
    "order_book_id",
    "security",
    "permno",
    "asset",
  ],
  ts: [
    "ts",
    "timestamp",
    "datetime",
    "date_time",
    "event_time",
    "bar_time",
    "frame",
    "open_time",
    "date",
    "trade_date",
    "trading_date",
    "day",
    "time",
    "t",
  ],
  known_at: ["known_at", "known_time", "knowledge_time", "seen", "observed_at", "as_of", "asof"],
  open: ["open", "open_price", "o"],
  high: ["high", "high_price", "h"],
  low: ["low", "low_price", "l"],
  close: ["close", "close_price", "c"],
  volume: ["volume", "vol", "v"],
  vwap: ["vwap", "vw"],
  money: ["money", "amount", "turnover"],
  factor: ["factor", "adj_factor", "adjustment_factor"],
  adj_close: ["adj_close", "adjclose", "adjusted_close", "close_adj"],
};

const CANONICAL = Object.keys(ALIASES);
const KEYS = new Set(["symbol", "ts", "known_at"]);

/** Names of columns that hold a date and a time of day separately. They are joined if no column holds both. */
const DATE_NAMES = new Set(["date", "trade_date", "trading_date", "day"]);
const TIME_NAMES = new Set(["time", "time_of_day", "hour", "minute"]);

/** Decides which source column becomes which canonical column. */
export function mapColumns(
  path: string,
  columns: readonly string[],
  request: ImportRequest,
  inferred: InferredFact[],
): ColumnMap {
  const ignored = new Set((request.ignore ?? []).map((name) => mustHave(path, columns, name, "ignore")));
  const given = givenMapping(path, columns, request);
  const taken = new Set([...given.values()].flat());
  for (const name of ignored) {
    if (taken.has(name))
      throw ambiguous(
        path,
        `its column ${JSON.stringify(name)} is both mapped and ignored`,
        "one of the two",
      );
  }
  const free = columns.filter((name) => !taken.has(name) && !ignored.has(name));
  const target = new Map<string, readonly string[]>(given);
  const all = new Set(columns.map(snakeCase));
  for (const canonical of CANONICAL) {
    if (target.has(canonical)) continue;
    if (canonical === "symbol" && request.symbol !== undefined) continue;
    const found = findAlias(canonical, free, all);
    if (found.length === 0) continue;
    target.set(canonical, found);
    for (const name of found) free.splice(free.indexOf(name), 1);
    if (found.join() !== canonical) {
      inferred.push({
        fact: `column ${canonical}`,
        value: found.join("+"),
        why: `it is a common name for ${canonical}`,
      });
    }
  }
  return order(path, columns, target, free);
}

function order(
  path: string,
  columns: readonly string[],
  target: ReadonlyMap<string, readonly string[]>,
  rest: readonly string[],
): ColumnMap {
  const others = [...target]
    .filter(([name]) => !KEYS.has(name))
    .map(([name, from]) => ({ name, source: from[0]! }));
  const extra = rest.map((source) => ({ name: snakeCase(source), source }));
  const rank = (name: string) => (CANONICAL.includes(name) ? CANONICAL.indexOf(name) : CANONICAL.length);
  const position = (source: string) => columns.indexOf(source);
  const values = [...others, ...extra].toSorted(
    (a, b) => rank(a.name) - rank(b.name) || position(a.source) - position(b.source),
  );
  for (const value of values) {
    if (KEYS.has(value.name)) {
      throw ambiguous(
        path,
        `its column ${JSON.stringify(value.source)} would be called ${value.name}, but the ${value.name} is ${target.has(value.name) ? `taken from ${target.get(value.name)!.join("+")}` : "given"}`,
        `--map to give it another name, or --ignore ${value.source}`,
      );
    }
    const both = values.filter((other) => other.name === value.name).map((other) => other.source);
    if (both.length === 1) continue;
    throw ambiguous(
      path,
      `more than one of its columns would be called ${value.name} (${both.join(", ")})`,
      `a mapping such as --map ${value.name}=${value.source}, and --ignore for the others`,
    );
  }
  return {
    symbol: target.get("symbol")?.[0] ?? null,
    ts: target.get("ts") ?? [],
    knownAt: target.get("known_at")?.[0] ?? null,
    values,
  };
}

function givenMapping(
  path: string,
  columns: readonly string[],
  request: ImportRequest,
): Map<string, string[]> {
  const mapping = new Map<string, string[]>();
  for (const [canonical, source] of Object.entries(request.mapping ?? {})) {
    if (!/^[a-z][a-z0-9_]*$/.test(canonical)) {
      throw new QuiverError(
        "invalid-name",
        `Cannot map a column to ${JSON.stringify(canonical)}: expected lower-case letters, digits and underscores after a first letter, for example --map symbol=ticker (the name here comes first, the file's second).`,
        { name: canonical },
      );
    }
    const parts = canonical === "ts" && !columns.includes(source) ? source.split("+") : [source];
    mapping.set(
      canonical,
      parts.map((part) => mustHave(path, columns, part, canonical)),
    );
  }
  if (request.knownAt !== undefined) {
    mapping.set("known_at", [mustHave(path, columns, request.knownAt, "known_at")]);
  }
  return mapping;
}

function mustHave(path: string, columns: readonly string[], name: string, what: string): string {
  if (columns.includes(name)) return name;
  throw new QuiverError(
    "unknown-column",
    `Cannot import ${path}: it has no column ${JSON.stringify(name)}, which was given for ${what}. Its columns are ${columns.join(", ")}.${didYouMean(name, columns)}`,
    { path, column: name, columns },
  );
}

/** Single letters name the columns of a bar only if all four are present. */
function isTerse(names: ReadonlySet<string>): boolean {
  return ["o", "h", "l", "c"].every((letter) => names.has(letter));
}

function findAlias(canonical: string, free: readonly string[], all: ReadonlySet<string>): string[] {
  const snake = new Map(free.map((name) => [snakeCase(name), name]));
  for (const alias of ALIASES[canonical] ?? []) {
    const name = snake.get(alias);
    if (name === undefined || (alias.length === 1 && !isTerse(all))) continue;
    if (canonical === "ts" && DATE_NAMES.has(alias)) {
      const time = [...snake].find(([other]) => TIME_NAMES.has(other))?.[1];
      if (time !== undefined) return [name, time];
    }
    return [name];
  }
  return [];
}

/** A name as lower-case words joined by underscores: `Adj Close` and `adjClose` are `adj_close`. */
export function snakeCase(name: string): string {
  const snake = name
    .trim()
    .replace(/([a-z0-9])([A-Z])/g, "$1_$2")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  if (snake === "") return "column";
  // DuckDB uses these names for columns of its own when it reads Parquet.
  if (["filename", "file_index", "file_row_number"].includes(snake)) return `source_${snake}`;
  return /^[a-z]/.test(snake) ? snake : `c_${snake}`;
}

function ambiguous(path: string, why: string, expected: string): QuiverError {
  return new QuiverError("import-ambiguous", `Cannot import ${path}: ${why}. Expected ${expected}.`, {
    path,
  });
}
