import { QuiverError } from "../../shared/errors/index.ts";

/** A feature as a caller writes it: `us-daily:rsi-macd@<version>.rsi`. */
export interface FeatureReference {
  readonly text: string;
  readonly alias: string | null;
  readonly dataset: string;
  readonly set: string;
  /** Null for the current version. */
  readonly version: string | null;
  /** Null for all columns of the set. */
  readonly column: string | null;
}

const REFERENCE =
  /^(?:(?<alias>[^\s:=]+)=)?(?<dataset>[^\s:@.=]+):(?<set>[^\s:@.=]+)(?:@(?<version>[^\s:@.=]+))?(?:\.(?<column>[^\s:@.=]+))?$/;

/** Parses a list of features, separated by commas; `field` is `features` or `labels`. Refuses an empty list. */
export function parseFeatures(list: string, field: string): FeatureReference[] {
  const texts = list
    .split(",")
    .map((text) => text.trim())
    .filter((text) => text !== "");
  if (texts.length === 0) throw malformed(field, list, EXPECTED);
  const references = texts.map((text) => parseFeature(text, field));
  const twice = texts.find((text, at) => texts.indexOf(text) !== at);
  if (twice !== undefined) throw malformed(field, twice, "each entry once");
  return references;
}

const EXPECTED =
  '<dataset>:<set>[@<version>][.<column>], separated by commas, for example "us-daily:rsi-macd.rsi"';

function parseFeature(text: string, field: string): FeatureReference {
  const groups = REFERENCE.exec(text)?.groups;
  const { alias = null, dataset, set, version = null, column = null } = groups ?? {};
  if (dataset === undefined || set === undefined) throw malformed(field, text, EXPECTED);
  const all = column === null || column === "*";
  if (all && alias !== null) {
    throw malformed(field, text, "<name>=<dataset>:<set>.<column>, because a new name is for one column");
  }
  return { text, alias, dataset, set, version, column: all ? null : column };
}

function malformed(field: string, given: string, expected: string): QuiverError {
  return new QuiverError(
    "request-malformed",
    `Cannot read \`${field}\` ${JSON.stringify(given)}: expected ${expected}.`,
    { field, given, expected },
  );
}
