import { defined } from "../../shared/defined.ts";
import type { ColumnRequest, RecentRows, RowOrder, RowSetKey } from "../../shared/protocol/row-set.ts";
import type { VersionContent } from "../collect/version-content.ts";
import type { PreparedPlan, PrepareSettings, ResolvedRequest } from "../invoke/prepare-plan.ts";
import { handleOf, type RowSetHandles } from "../invoke/row-set-handles.ts";
import type { RowSetHandle } from "../load/row-sets.ts";
import { partitionsOf, planOfStages, completeStage } from "../plan/complete-plan.ts";
import type { PlannedStage } from "../plan/invocation-plan.ts";
import { columnsOf, type PlanOutline } from "../plan/outline-plan.ts";
import type { PlanInput } from "../plan/plan-input.ts";
import { inputRanges, selectTimeUnits } from "../plan/select-units.ts";
import type { SymbolIndex } from "../store/dataset.ts";
import type { Choice } from "./choose-symbols.ts";
import { firstTsNeeded, usualBars } from "./first-ts-needed.ts";
import type { AppendReach } from "./append-reach.ts";
import { placeUnits, symbolsShortOf } from "./place-units.ts";
import { type RowsToCompute, rowsToCompute } from "./rows-to-compute.ts";

export interface AppendFacts {
  readonly input: PlanInput;
  readonly outline: PlanOutline;
  readonly rows: ResolvedRequest["rows"];
  readonly symbolIndex: SymbolIndex;
  readonly reach: AppendReach;
  readonly choice: Choice;
  readonly content: VersionContent;
  readonly signal: AbortSignal | undefined;
}

/** A plan that computes part of a version's rows. */
export interface PreparedAppend extends PreparedPlan {
  readonly segmentOf: ReadonlyMap<string, number>;
  /** For each partition of the last stage, the symbol numbers at which a file for another segment begins. */
  readonly cuts: readonly (readonly number[])[];
}

/** After this many attempts to load enough rows, computing everything costs no more. */
const TRIES_MAX = 6;

/** Loads late rows, no earlier than needed, and plans over them. Undefined if only computing everything would do. */
export async function prepareAppend(
  facts: AppendFacts,
  { times }: Pick<PrepareSettings, "times">,
): Promise<PreparedAppend | undefined> {
  const { input, outline, rows, reach, choice, content, signal } = facts;
  const whole = new Set(choice.symbols.flatMap((one) => (one.keptUnit === null ? [one.symbol] : [])));
  let bars = reach.total;
  let since = firstTsNeeded(facts.symbolIndex, choice.firstNewTs, bars, input.dataset);
  for (let attempt = 0; attempt < TRIES_MAX; attempt++) {
    const recent: RecentRows = { since, whole: [...whole].toSorted() };
    const bySymbol = await rows.open(keyOf(input, "symbol-time", recent), signal);
    const handles: Partial<Record<RowOrder, RowSetHandle>> = { "symbol-time": bySymbol };
    const release = () => Object.values(handles).forEach((handle) => handle.release());
    try {
      const timeOf = await times.open(bySymbol, signal);
      const { index } = bySymbol;
      const { units } = content;
      const placed = placeUnits({ choice, index, timeOf, units, whole });
      const isFew = (symbols: readonly string[]) => symbols.length <= units.symbols.length / 10 + 10;
      if (attempt === 0) {
        // Rounded up, so that functions with a shorter look-back share what is loaded.
        const short = symbolsShortOf(usualBars(reach.total), placed, index);
        if (short.length > 0 && isFew(short)) {
          release();
          for (const symbol of short) whole.add(symbol);
          continue;
        }
      }
      const found = rowsToCompute({ stages: outline.stages, reach, index, timeOf, placed, since });
      if (found.kind === "rows") {
        loadAhead(bySymbol, facts);
        if (reach.isCrossSectional) {
          handles["time-symbol"] = await rows.open(keyOf(input, "time-symbol", recent), signal);
        }
        return { ...planAppend(facts, found, recent, handles), record: rows.record, handles, release };
      }
      release();
      // A few symbols with gaps are loaded whole. If many lack rows, or a moment is too early, all symbols begin
      // earlier.
      if (found.since !== null || !isFew(found.whole)) {
        bars *= 2;
        const earlier = firstTsNeeded(facts.symbolIndex, choice.firstNewTs, bars, input.dataset);
        since = Math.min(found.since ?? since, earlier);
      } else for (const symbol of found.whole) whole.add(symbol);
    } catch (error) {
      release();
      throw error;
    }
  }
  return undefined;
}

/**
 * Starts loading every numeric column of the bars if one of those needed is missing, because the other functions of
 * the evening will read the rest. With a copy of the recent bars, this function's columns come first and the rest
 * follows while it computes. Without one, late rows are scattered over the whole history and finding them is most
 * of the work, so all columns are loaded at once.
 */
function loadAhead(bySymbol: RowSetHandle, { input, outline, rows, signal }: AppendFacts): void {
  const own = columnsOf(outline.stages, "symbol-time").filter(({ source }) => source.kind === "own");
  if (rows.missing(bySymbol.key, own).columns.length === 0) return;
  const all = input.dataset.columns
    .filter(({ name, type }) => NUMBERS.has(type) && name !== "ts" && name !== "known_at")
    .map(({ name }): ColumnRequest => ({ name, type: "float64", nullable: true, source: { kind: "own" } }));
  // A reader of a column waits for it and gets its error.
  const load = (columns: readonly ColumnRequest[]) => bySymbol.load(columns, defined({ signal }));
  const first = input.dataset.recent == null ? all : own;
  load(first)
    .then(() => load(all))
    .catch(() => undefined);
}

const NUMBERS: ReadonlySet<string> = new Set(["float64", "float32", "int64", "int32"]);

function keyOf({ dataset }: PlanInput, order: RowOrder, recent: RecentRows): RowSetKey {
  return {
    dataset: dataset.name,
    version: dataset.fingerprint,
    asOfMicros: null,
    order,
    symbols: null,
    recent,
  };
}

function planAppend(
  { input, outline, rows, choice }: AppendFacts,
  found: Extract<RowsToCompute, { kind: "rows" }>,
  recent: RecentRows,
  handles: RowSetHandles,
): Pick<PreparedAppend, "plan" | "segmentOf" | "cuts"> {
  const segmentOf = new Map(choice.symbols.map(({ symbol, segment }) => [symbol, segment]));
  const symbols = handles["symbol-time"]?.index.symbols ?? [];
  const narrowed: PlanOutline = {
    ...outline,
    rowSets: Object.fromEntries(
      Object.keys(handles).map((order) => [order, keyOf(input, isTimeOrder(order), recent)]),
    ),
  };
  const stages = outline.stages.map((stage, i): PlannedStage => {
    const rowsOfStage = found.stages[i]!;
    const units =
      "firstMoment" in rowsOfStage
        ? inputRanges(momentsFrom(rowsOfStage.firstMoment, handles), 0)
        : rowsOfStage;
    const partitions = partitionsOf(units, stage, input, narrowed);
    return completeStage(stage, { symbols: null, symbolRuns: null, partitions }, input);
  });
  const plan = planOfStages(
    input,
    narrowed,
    {
      index: (order) => handleOf(handles, order).index,
      timeOf: () => {
        throw new Error("Event times were asked for although the rows are decided");
      },
      missing: (order, columns) => rows.missing(handleOf(handles, order).key, columns),
    },
    stages,
  );
  const cuts = stages
    .at(-1)!
    .partitions.map(({ units }) => cutsOf(units.symbol, (code) => segmentOf.get(symbols[code]!)!));
  return { plan, segmentOf, cuts };
}

function isTimeOrder(order: string): RowOrder {
  return order === "time-symbol" ? "time-symbol" : "symbol-time";
}

function momentsFrom(from: number, handles: RowSetHandles): ReturnType<typeof selectTimeUnits> {
  return selectTimeUnits(handleOf(handles, "time-symbol").index, { from, to: null, knownUntil: null });
}

/** The symbol numbers at which the next segment begins. */
function cutsOf(codes: readonly number[], segmentOf: (code: number) => number): number[] {
  return codes.filter((code, i) => i > 0 && segmentOf(code) !== segmentOf(codes[i - 1]!));
}
