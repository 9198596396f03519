import { didYouMeanOrSome, QuiverError } from "../../shared/errors/index.ts";

/** Refuses a symbol to broadcast that the dataset does not have. */
export function missingBroadcast(symbol: string, dataset: string, known: readonly string[]): QuiverError {
  return new QuiverError(
    "unknown-symbol",
    `Cannot broadcast ${JSON.stringify(symbol)}: dataset ${JSON.stringify(dataset)} does not have it.${didYouMeanOrSome(symbol, known)}`,
    { dataset, symbol, broadcast: true },
  );
}
