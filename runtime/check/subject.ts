import type { ResolvedFunction } from "../../shared/contract/describe.ts";
import type { CatalogEntry } from "../catalog/catalog.ts";
import type { InvocationRequest } from "../../shared/protocol/invocation.ts";
import { type CompareOptions, compareRows, type Difference } from "./compare-rows.ts";
import { probeName } from "./function-folder.ts";
import type { Market } from "./market/open-market.ts";
import type { Bench, BenchRun } from "./open-bench.ts";
import type { ProbeMode } from "./probe/probe-modes.ts";
import type { ResultRows } from "./result-rows.ts";
import type { CheckName, Verdict } from "./verdict.ts";

/** One function on one market, with its reference result. */
export interface Subject {
  readonly entry: CatalogEntry;
  readonly resolved: ResolvedFunction;
  /** The parameters as the caller gave them. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly bench: Bench;
  readonly market: Market;
  /** The symbols on which the function runs without an error. */
  readonly symbols: readonly string[];
  readonly base: BenchRun;
}

/** The relative difference up to which a ratio counts as unchanged after prices were adjusted. */
export const RATIO_TOLERANCE = 1e-9;

/** Runs the function with a changed request. */
export function runSubject(
  subject: Subject,
  changed: Partial<InvocationRequest> = {},
  options?: Parameters<Bench["run"]>[1],
): Promise<BenchRun> {
  const { entry, params, market, symbols } = subject;
  const request = { function: entry.name, dataset: market.dataset, params, symbols, ...changed };
  return subject.bench.run(request, options);
}

/** Whether the handler can be called on parts of a symbol's history. */
export function isProbed({ entry }: Subject): boolean {
  return entry.description.shape === "feature" && entry.description.partition === "symbol";
}

export interface ProbeOptions {
  readonly mode: ProbeMode;
  readonly step: number;
  readonly reach?: number;
  readonly symbols?: readonly string[];
}

/** The function's rows, computed by calling its handler on parts of the history. */
export function runProbe(subject: Subject, { symbols, ...probe }: ProbeOptions): Promise<BenchRun> {
  const { entry, params, market } = subject;
  return subject.bench.run({
    function: probeName(entry.name),
    dataset: market.dataset,
    params: { ...probe, given: params },
    symbols: symbols ?? subject.symbols,
  });
}

/** Limit on the values that are computed to make a finding more precise. */
const PRECISE_CELLS_MAX = 40_000_000;

/**
 * Takes a difference that was found with blocks of many rows, and searches its symbol again with blocks of one row. That
 * finds the very first wrong row.
 */
export async function pinpoint(
  subject: Subject,
  coarse: Difference,
  probe: ProbeOptions,
): Promise<Difference> {
  const { symbol } = coarse.first;
  const rows = longestHistory({ ...subject, symbols: [symbol] });
  const perBlock = probe.mode === "cut" ? rows / 2 : (probe.reach ?? 0) + 1;
  if (probe.step === 1 || rows * perBlock * subject.resolved.outputs.length > PRECISE_CELLS_MAX)
    return coarse;
  const precise = await runProbe(subject, { ...probe, step: 1, symbols: [symbol] });
  const found = differenceFrom(subject, precise.rows);
  return found === undefined ? coarse : { ...coarse, first: found.first };
}

/** The number of bars of the symbol with the longest history. */
export function longestHistory({ market, symbols }: Subject): number {
  const counts = new Map<string, number>();
  for (const { symbol } of market.table.rows) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  return Math.max(0, ...symbols.map((symbol) => counts.get(symbol) ?? 0));
}

/** The outputs that must not change when prices are adjusted. */
export function invariantColumns({ resolved }: Subject): string[] {
  return resolved.outputs
    .filter(({ unit }) => unit === "ratio" || unit === "count" || unit === "flag")
    .map(({ name }) => name);
}

/** Finds where rows differ from the reference result. */
export function differenceFrom(
  { base }: Subject,
  rows: ResultRows,
  options?: CompareOptions,
): Difference | undefined {
  return compareRows(base.rows, rows, options);
}

export function passed(check: CheckName, detail: string): Verdict {
  return { check, outcome: "passed", detail };
}

export function notApplicable(check: CheckName, detail: string): Verdict {
  return { check, outcome: "not-applicable", detail };
}

export function warned(check: CheckName, detail: string): Verdict {
  return { check, outcome: "warning", detail };
}

/** A failed verdict with the first wrong place. `what` says what was tried there. */
export function failed(check: CheckName, what: string, difference?: Difference): Verdict {
  if (difference === undefined) return { check, outcome: "failed", detail: what };
  const { count, first } = difference;
  const detail = count === 1 ? what : `${what} (${count} values; the first is shown)`;
  return { check, outcome: "failed", detail, offence: first };
}
