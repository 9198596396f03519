import { QuiverError } from "../../shared/errors/index.ts";
import type { ImportRequest } from "../../shared/protocol/import.ts";
import { symbolExpression } from "./symbol-of-file.ts";

/**
 * Refuses options that contradict each other, before any file is read. `ImportOptions` has checked each on its own;
 * whether they fit the files is checked later.
 */
export function refuseContradictions({ symbol, symbolPattern, mapping }: ImportRequest): void {
  if (symbolPattern !== undefined) symbolExpression(symbolPattern);
  for (const [what, isGiven] of [
    ["a mapped symbol column", mapping?.["symbol"] !== undefined],
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
