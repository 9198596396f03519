import type { SymbolRuns } from "../../shared/protocol/child-message.ts";
import type { PlanOutline } from "./outline-plan.ts";
import type { OpenRowSets, PlanInput } from "./plan-input.ts";
import type { StageOutline } from "./plan-stages.ts";
import {
  inputRanges,
  type OutputRanges,
  requiredOutputs,
  selectSymbolUnits,
  selectTimeUnits,
  type Window,
} from "./select-units.ts";
import { indexOfSymbol } from "./select-symbols.ts";

/** The rows a stage outputs, and the list that its units' symbol numbers refer to; null for the row set's symbols. */
export interface StageRows {
  readonly outputs: OutputRanges;
  readonly symbols: readonly string[] | null;
  /** Rows of each symbol, if the single unit is the whole selection. */
  readonly symbolRuns: SymbolRuns | null;
}

/** The rows each stage outputs: the requested ones for the last stage, those its readers need for each other stage. */
export function rowsOfStages(input: PlanInput, outline: PlanOutline, rowSets: OpenRowSets): StageRows[] {
  const { stages, window } = outline;
  const known: Window = { from: null, to: null, knownUntil: window.knownUntil };
  const rows: (StageRows | undefined)[] = stages.map(() => undefined);
  const lastIndex = stages.length - 1;
  for (let i = lastIndex; i >= 0; i--) {
    const stage = stages[i]!;
    const readers = stages
      .map((reader, index) => ({ reader, index }))
      .filter(({ reader }) => reader.sources.includes(i));
    const [only] = readers.length === 1 ? readers : [];
    if (i === lastIndex) {
      rows[i] = select(stage, input.symbols, window, rowSets);
    } else if (only !== undefined && only.reader.order === stage.order && !isWhole(only.reader)) {
      const { outputs, symbols } = rows[only.index]!;
      const needed = inputRanges(outputs, lookBackOf(only.reader));
      rows[i] = { outputs: requiredOutputs(outputs, needed), symbols, symbolRuns: null };
    } else {
      // A stage that is read in the other order, by several stages, or as a whole outputs everything known. A
      // moment depends on itself alone, so if only the result is gathered from moments, those within the window are
      // enough.
      const isForResult = only?.index === lastIndex && stage.order === "time-symbol";
      rows[i] = select(stage, scopeOf(input, outline, stage), isForResult ? window : known, rowSets);
    }
  }
  return rows.filter((range) => range !== undefined);
}

/** A stage that feeds a cross-section computes all symbols: a selection narrows the result, not the universe. */
function scopeOf(input: PlanInput, outline: PlanOutline, stage: StageOutline): readonly string[] | null {
  return outline.rowSets["time-symbol"] !== undefined && stage.order === "symbol-time" ? null : input.symbols;
}

function select(
  stage: StageOutline,
  symbols: readonly string[] | null,
  window: Window,
  rowSets: OpenRowSets,
): StageRows {
  const index = rowSets.index(stage.order);
  if (stage.order === "time-symbol") {
    return { outputs: selectTimeUnits(index, window), symbols: null, symbolRuns: null };
  }
  if (isWhole(stage)) {
    const { symbol, firstRow, endRow } = selectSymbolUnits(index, null, window, rowSets.timeOf);
    const rowCount = endRow.map((end, i) => end - firstRow[i]!);
    // The unit spans all rows, so that all are loaded; its runs say which of them belong to it.
    const outputs = wholeUnit(symbol.length === 0 ? 0 : index.rowCount);
    return { outputs, symbols: null, symbolRuns: { symbol, firstRow, rowCount } };
  }
  const units = symbols?.map((symbol) => indexOfSymbol(index.symbols, symbol)) ?? null;
  const outputs = selectSymbolUnits(index, units, window, rowSets.timeOf);
  return { outputs, symbols, symbolRuns: null };
}

function isWhole({ bound }: StageOutline): boolean {
  return bound?.entry.description.partition === "whole";
}

function wholeUnit(rowCount: number): OutputRanges {
  const first = rowCount === 0 ? [] : [0];
  const end = first.map(() => rowCount);
  return { symbol: first.map(() => -1), unitFirstRow: first, unitEndRow: end, firstRow: first, endRow: end };
}

export function lookBackOf(stage: StageOutline): number | null {
  // Gathering, like work on a single moment, reads exactly the rows it outputs.
  if (stage.bound === null || stage.order === "time-symbol") return 0;
  if (stage.bound.entry.description.shape === "table") return null;
  return stage.bound.resolved.lookBack;
}
