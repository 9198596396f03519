import { errorCodeOf, QuiverError } from "../../shared/errors/index.ts";

/**
 * Adds to the refusal of a symbol the name of the parameter that holds it, because the caller may never have typed
 * its default. Returns any other error unchanged. Parameters of an upstream function are not the caller's to give.
 */
export function nameParameter(
  error: unknown,
  { function: reader, params, isCallers }: ReaderOfSymbol,
): unknown {
  if (errorCodeOf(error) !== "unknown-symbol" || !(error instanceof QuiverError)) return error;
  const { symbol } = error.facts;
  const [name] = Object.entries(params).find(([, value]) => value === symbol) ?? [];
  if (name === undefined) return error;
  const advice = isCallers ? ` Give another with \`params.${name}\`.` : "";
  const message = `${error.message} It is the parameter ${JSON.stringify(name)} of ${JSON.stringify(reader)}.${advice}`;
  const facts = { ...error.facts, parameter: name, ...(isCallers ? { field: `params.${name}` } : {}) };
  return new QuiverError("unknown-symbol", message, facts, error);
}

/** The function that reads a symbol. */
interface ReaderOfSymbol {
  readonly function: string | null;
  readonly params: Readonly<Record<string, unknown>>;
  /** Whether the caller invoked it, rather than a function that reads it. */
  readonly isCallers: boolean;
}
