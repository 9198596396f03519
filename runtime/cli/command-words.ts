import { QuiverError } from "../../shared/errors/index.ts";
import { optionSentence } from "./refused-option.ts";

/** What the fields of requests are called on the command line. Fields below one that stands here are called as it is. */
const OPTIONS: Readonly<Record<string, string>> = {
  dataset: "--dataset",
  params: "--param",
  symbols: "--symbols",
  "symbols.sql": "--symbols-sql",
  from: "--from",
  to: "--to",
  asOf: "--as-of",
  inputs: "--input",
  format: "--format",
  limit: "--limit",
  priority: "--priority",
  status: "--status",
  "Idempotency-Key": "--key",
  q: "the query",
  as: "--as",
  function: "--function",
  keep: "--keep",
  maxBytes: "--max-bytes",
  olderThanMs: "--older-than",
  dryRun: "--dry-run",
  "publish.as": "--as",
  "publish.replace": "--replace",
  "publish.codec": "--codec",
  "publish.compressionLevel": "--level",
  files: "the files",
  "options.kind": "--kind",
  "options.timezone": "--tz",
  "options.stamp": "--stamp",
  "options.calendar": "--calendar",
  "options.intervalSeconds": "--interval",
  "options.availabilitySeconds": "--availability",
  "options.mapping": "--map",
  "options.ignore": "--ignore",
  "options.columns": "--columns",
  "options.separator": "--separator",
  "options.symbol": "--symbol",
  "options.symbolPattern": "--symbol-pattern",
  "options.knownAt": "--known-at",
  "options.timeFormat": "--time-format",
  "options.priceScale": "--price-scale",
  "options.allowNonPositivePrices": "--allow-non-positive-prices",
  "options.strict": "--strict",
  features: "--features",
  labels: "--labels",
  timezone: "--tz",
  restated: "--restated",
  maxAge: "--max-age",
  split: "--split",
  folds: "--folds",
  horizon: "--horizon",
  embargo: "--embargo",
};

/** What is done by a request there is done by a command here. */
const COMMANDS: readonly (readonly [RegExp, string])[] = [
  [/\bGET \/invocations\/([\w-]+)\/events\b/g, '"quiver jobs watch $1"'],
  [/\bGET \/invocations\/([\w-]+)\/result\b/g, '"quiver jobs result $1"'],
  [/\bGET \/invocations\/([\w-]+)\/logs\b/g, '"quiver jobs logs $1"'],
  [/\bDELETE \/invocations\/([\w-]+)/g, '"quiver jobs cancel $1"'],
  [/\bGET \/invocations\b(?![/\w])/g, '"quiver jobs"'],
  [/\bGET \/openapi\.json\b/g, '"quiver --help"'],
  [/\bSend the request again with "Prefer: respond-async"/g, "Run it again with --async"],
  [/\bthe header Idempotency-Key\b/g, "--key"],
];

/**
 * A refusal in the words of the command line: who typed `--level` has never heard of `publish.compressionLevel`. The
 * refusal of a field is told anew from its facts; in any other sentence the fields, which stand in backticks there, are
 * replaced by their options, and the requests by commands.
 */
export function inCommandWords(error: QuiverError): QuiverError {
  const { field, where, given, expected } = error.facts;
  const option = typeof field === "string" ? optionOf(field) : undefined;
  const facts = option === undefined ? error.facts : { ...error.facts, field: option };
  const isOfField = option !== undefined && typeof where === "string" && typeof expected === "string";
  const message = isOfField ? optionSentence(option, given, expected) : sentenceInCommandWords(error.message);
  return new QuiverError(error.code, `${message}${commasHint(error)}`, facts, error);
}

/** A symbol may have a space in it; one that is not there is more likely two that a comma should stand between. */
function commasHint({ code, facts: { symbol, parameter } }: QuiverError): string {
  if (code !== "unknown-symbol" || parameter !== undefined || typeof symbol !== "string") return "";
  const parts = symbol.split(/[\s;|]+/).filter((part) => part !== "");
  if (parts.length < 2) return "";
  return ` Symbols are separated by commas: ${parts.join(",")} in place of ${JSON.stringify(symbol)}.`;
}

/** Any sentence of the server: fields in backticks are options, requests are commands. */
export function sentenceInCommandWords(sentence: string): string {
  const options = sentence.replaceAll(/`([\w.]+)`/g, (mention, path: string) => mentioned(path) ?? mention);
  return COMMANDS.reduce((text, [request, command]) => text.replaceAll(request, command), options);
}

/** Of a parameter the option says which one. */
function mentioned(field: string): string | undefined {
  const [, name] = /^params\.(\w+)$/.exec(field) ?? [];
  return name === undefined ? optionOf(field) : `--param ${name}=…`;
}

function optionOf(field: string): string | undefined {
  const option = OPTIONS[field];
  const above = field.lastIndexOf(".");
  return option ?? (above < 0 ? undefined : optionOf(field.slice(0, above)));
}
