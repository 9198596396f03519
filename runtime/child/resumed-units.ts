import type { Sink } from "../../shared/protocol/child-message.ts";
import { decodeUnitFacts } from "../../shared/row-checksum/index.ts";
import type { ChildContext } from "./child-context.ts";

/** What an earlier version knew of symbols after their last row there. */
export interface ResumedUnits {
  /** The state a recursive function saved; undefined for a symbol that begins now. */
  stateOf(symbol: string): Float64Array | undefined;
  /** Where its row checksum goes on. */
  previousOf(symbol: string): { readonly rowCount: number; readonly checksums: Uint32Array } | undefined;
}

/** Maps the file a sink names, before privileges are dropped; null when all symbols begin. */
export function openResumedUnits(sink: Sink, child: Pick<ChildContext, "mapFile">): ResumedUnits | null {
  if (sink.kind !== "parquet" || sink.resume === undefined) return null;
  const decoded = decodeUnitFacts(child.mapFile(sink.resume));
  if (decoded === undefined) throw new Error(`${sink.resume} holds no facts of units`);
  const { symbols, rowCounts, words, wordCount, states, stateLength } = decoded.facts;
  const unitOf = new Map(symbols.map((symbol, unit) => [symbol, unit]));
  return {
    stateOf(symbol) {
      const unit = unitOf.get(symbol);
      return unit === undefined ? undefined : states.subarray(unit * stateLength, (unit + 1) * stateLength);
    },
    previousOf(symbol) {
      const unit = unitOf.get(symbol);
      if (unit === undefined) return undefined;
      const checksums = words.slice(unit * wordCount, (unit + 1) * wordCount);
      return { rowCount: rowCounts[unit]!, checksums };
    },
  };
}
