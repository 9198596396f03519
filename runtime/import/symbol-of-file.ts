import { basename } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";

/** Parts of a file's name that describe its content and are not a symbol. */
const WORDS = new Set(
  "daily day hourly hour minute minutes min bars bar ohlcv ohlc quotes quote prices price trades factor factors history data export eod 1m 5m 15m 30m 1h 1d 1min 5min 15min 1day".split(
    " ",
  ),
);
const GENERIC = new Set("sample test demo file table observations output input raw all".split(" "));

/**
 * The symbol in a file's name: `000001.XSHG.1m.csv` is `000001.XSHG`, `NVR-2024.csv.gz` is `NVR`, `aapl-daily.csv`
 * is `aapl`. Undefined if only a date, a year or a generic word is left.
 */
export function symbolOfFile(path: string): string | undefined {
  let name = basename(path).replace(/(\.(gz|csv|txt|tsv|parquet|pq))+$/i, "");
  for (;;) {
    name = name.replace(/[-_.]?(19|20)\d{2}([-_.]\d{2}){1,2}$/, "");
    const tail = /[-_.]([A-Za-z0-9]+)$/.exec(name);
    if (tail === null || !(WORDS.has(tail[1]!.toLowerCase()) || isDate(tail[1]!))) break;
    name = name.slice(0, tail.index);
  }
  const lower = name.toLowerCase();
  if (name === "") return undefined;
  if (WORDS.has(lower) || GENERIC.has(lower) || isDate(name)) return undefined;
  return /^[A-Za-z0-9^][A-Za-z0-9.^=-]*$/.test(name) ? name : undefined;
}

/** The symbol found by the user's pattern, which has one group. A name that does not match is refused. */
export function symbolByPattern(path: string, pattern: string): string {
  const symbol = symbolExpression(pattern).exec(basename(path))?.[1];
  if (symbol !== undefined && symbol !== "") return symbol;
  throw new QuiverError(
    "import-ambiguous",
    `Cannot import ${path}: the symbol pattern ${JSON.stringify(pattern)} finds no symbol in its name. Expected a pattern with one group around the symbol, for example "^([A-Z]+)-".`,
    { path, pattern },
  );
}

/** Compiles a pattern. Refuses one that is not a regular expression or has no group, whatever the files are. */
export function symbolExpression(pattern: string): RegExp {
  const refused = (why: string, cause?: unknown) =>
    new QuiverError(
      "request-malformed",
      `Cannot use the symbol pattern ${JSON.stringify(pattern)}: ${why}. Expected one with a group around the symbol, for example "^([A-Z]+)-".`,
      { pattern },
      cause,
    );
  let expression: RegExp;
  try {
    expression = new RegExp(pattern);
  } catch (cause) {
    throw refused("it is not a regular expression", cause);
  }
  // With an empty alternative the pattern matches any text, and the match has one element per group.
  if (new RegExp(`${pattern}|`).exec("")?.length === 1) throw refused("it has no group");
  return expression;
}

function isDate(text: string): boolean {
  return /^(19|20)\d{2}((0[1-9]|1[0-2])((0[1-9]|[12]\d|3[01]))?)?$/.test(text);
}
