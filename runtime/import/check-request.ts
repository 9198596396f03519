import { QuiverError } from "../../shared/errors/index.ts";
import type { ImportRequest } from "./import-request.ts";
import { symbolExpression } from "./symbol-of-file.ts";

/** Refuses options that make no sense before any file is looked at; whether they fit the files comes later. */
export function checkRequest(request: ImportRequest): void {
  const { separator, symbol, symbolPattern, intervalSeconds, availabilitySeconds, priceScale } = request;
  oneOf("kind", request.kind, ["bars", "series", "attributes"]);
  oneOf("stamp", request.stamp, ["start", "end"]);
  if (separator !== undefined && !/^[^"\r\n]{1,8}$/.test(separator)) {
    throw refused("separator", separator, "one to eight characters without a quote or a line break");
  }
  if (
    intervalSeconds !== undefined &&
    intervalSeconds !== "1d" &&
    !(Number.isInteger(intervalSeconds) && intervalSeconds > 0)
  ) {
    throw refused("interval", intervalSeconds, 'a whole number of seconds above zero, or "1d"');
  }
  if (
    availabilitySeconds !== undefined &&
    !(Number.isFinite(availabilitySeconds) && availabilitySeconds >= 0)
  ) {
    throw refused("availability", availabilitySeconds, "a number of seconds, zero or more");
  }
  if (priceScale !== undefined && !(Number.isFinite(priceScale) && priceScale > 0)) {
    throw refused("price scale", priceScale, "a number above zero, for example 10000");
  }
  if (symbol !== undefined && symbol.trim() === "") throw refused("symbol", symbol, "a name");
  if (symbolPattern !== undefined) symbolExpression(symbolPattern);
  for (const [what, isGiven] of [
    ["a mapped symbol column", request.mapping?.["symbol"] !== undefined],
    ["a pattern for symbols", symbolPattern !== undefined],
  ] as const) {
    if (symbol === undefined || !isGiven) continue;
    throw new QuiverError(
      "request-malformed",
      `Cannot give all rows the symbol ${JSON.stringify(symbol)}: ${what} is given as well. Expected one of the two.`,
      { symbol },
    );
  }
}

function oneOf(what: string, given: string | undefined, known: readonly string[]): void {
  if (given !== undefined && !known.includes(given)) throw refused(what, given, `one of ${known.join(", ")}`);
}

function refused(what: string, given: unknown, expected: string): QuiverError {
  return new QuiverError(
    "request-malformed",
    `Cannot import with the ${what} ${JSON.stringify(given)}: expected ${expected}.`,
    { option: what, given },
  );
}
