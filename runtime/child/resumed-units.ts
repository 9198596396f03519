import type { Sink } from "../../shared/protocol/child-message.ts";
import { decodeUnitFacts } from "../../shared/row-checksum/index.ts";
import type { ChildContext } from "./child-context.ts";

/** What an earlier version recorded about symbols after their last row. */
export interface ResumedUnits {
  /** The saved state of a recursive function; undefined for a new symbol. */
  stateOf(symbol: string): Float64Array | undefined;
  /** The position from which the symbol's row checksum continues. */
  previousOf(symbol: string): { readonly rowCount: number; readonly checksums: Uint32Array } | undefined;
}

/** Maps the file named by a sink, before privileges are dropped; null if all symbols are new. */
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
