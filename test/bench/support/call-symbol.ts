import type { QuiverServer } from "./quiver-server.ts";
import { serverTimings } from "./publish-once.ts";
import { DATASET } from "./store.ts";
import { ROUND_EVERY, ROUND_HISTORY, symbolName } from "./market.ts";

export interface SymbolCall {
  readonly milliseconds: number;
  readonly stages: Readonly<Record<string, number>>;
}

/**
 * The `number`-th of calls that all differ: another symbol with 2,000 rows and, unless given, other parameters; the Arrow stream
 * read to its end. Fails when an answer has other rows.
 */
export async function callSymbol(
  server: QuiverServer,
  functionName: string,
  number: number,
  symbolCount: number,
  params: object = { period: 5 + (number % 9_000) },
): Promise<SymbolCall> {
  const rounds = Math.floor(symbolCount / ROUND_EVERY);
  const symbol = symbolName((number % rounds) * ROUND_EVERY);
  const startedAt = performance.now();
  const body = { dataset: DATASET, symbols: [symbol], params };
  // A result that is kept from an earlier round would be no call.
  const headers = { "cache-control": "no-cache" };
  const response = await server.post(`/functions/${functionName}`, body, headers);
  const answer = await response.arrayBuffer();
  const milliseconds = performance.now() - startedAt;
  const rows = Number(response.headers.get("quiver-rows"));
  if (rows !== ROUND_HISTORY || answer.byteLength < rows * 8) {
    throw new Error(`${symbol} was answered with ${rows} rows in ${answer.byteLength} bytes`);
  }
  return { milliseconds, stages: serverTimings(response) };
}
