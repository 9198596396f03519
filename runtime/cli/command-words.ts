import { QuiverError } from "../../shared/errors/index.ts";
import { optionSentence } from "./refused-option.ts";

/** The option for each field of a request. A field that is not listed takes the option of the field above it. */
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

/** The command that does what a request does over HTTP. */
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
 * Rewrites a refusal for the command line: a user who typed `--level` does not know `publish.compressionLevel`. The
 * refusal of a field is rebuilt from its facts. In any other sentence, options replace the fields (which stand in
 * backticks) and commands replace the requests.
 */
export function inCommandWords(error: QuiverError): QuiverError {
  const { field, where, given, expected } = error.facts;
  const option = typeof field === "string" ? optionOf(field) : undefined;
  const facts = option === undefined ? error.facts : { ...error.facts, field: option };
  const isOfField = option !== undefined && typeof where === "string" && typeof expected === "string";
  const message = isOfField ? optionSentence(option, given, expected) : sentenceInCommandWords(error.message);
  return new QuiverError(error.code, `${message}${commasHint(error)}`, facts, error);
}

/** A symbol may contain a space, but an unknown one is more likely two symbols without a comma between them. */
function commasHint({ code, facts: { symbol, parameter } }: QuiverError): string {
  if (code !== "unknown-symbol" || parameter !== undefined || typeof symbol !== "string") return "";
  const parts = symbol.split(/[\s;|]+/).filter((part) => part !== "");
  if (parts.length < 2) return "";
  return ` Symbols are separated by commas: ${parts.join(",")} instead of ${JSON.stringify(symbol)}.`;
}

/** Rewrites any sentence of the server: fields in backticks become options, requests become commands. */
export function sentenceInCommandWords(sentence: string): string {
  const options = sentence.replaceAll(/`([\w.]+)`/g, (mention, path: string) => mentioned(path) ?? mention);
  return COMMANDS.reduce((text, [request, command]) => text.replaceAll(request, command), options);
}

/** The option for a field; for a parameter, with its name. */
function mentioned(field: string): string | undefined {
  const [, name] = /^params\.(\w+)$/.exec(field) ?? [];
  return name === undefined ? optionOf(field) : `--param ${name}=…`;
}

function optionOf(field: string): string | undefined {
  const option = OPTIONS[field];
  const above = field.lastIndexOf(".");
  return option ?? (above < 0 ? undefined : optionOf(field.slice(0, above)));
}
