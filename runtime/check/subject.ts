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

/** One function on one market, with the result that everything is measured against. */
export interface Subject {
  readonly entry: CatalogEntry;
  readonly resolved: ResolvedFunction;
  /** Parameters as given. */
  readonly params: Readonly<Record<string, unknown>>;
  readonly bench: Bench;
  readonly market: Market;
  /** Symbols that the function runs on without an error. */
  readonly symbols: readonly string[];
  readonly base: BenchRun;
}

/** Relative difference up to which a ratio is the same after prices were adjusted anew. */
export const RATIO_TOLERANCE = 1e-9;

/** Runs the function with something changed. */
export function runSubject(
  subject: Subject,
  changed: Partial<InvocationRequest> = {},
  options?: Parameters<Bench["run"]>[1],
): Promise<BenchRun> {
  const { entry, params, market, symbols } = subject;
  const request = { function: entry.name, dataset: market.dataset, params, symbols, ...changed };
  return subject.bench.run(request, options);
}

/** Whether the handler can be called on pieces of a symbol's history. */
export function isProbed({ entry }: Subject): boolean {
  return entry.description.shape === "feature" && entry.description.partition === "symbol";
}

export interface ProbeOptions {
  readonly mode: ProbeMode;
  readonly step: number;
  readonly reach?: number;
  readonly symbols?: readonly string[];
}

/** The function's rows, from calls of its handler on pieces. */
export function runProbe(subject: Subject, { symbols, ...probe }: ProbeOptions): Promise<BenchRun> {
  const { entry, params, market } = subject;
  return subject.bench.run({
    function: probeName(entry.name),
    dataset: market.dataset,
    params: { ...probe, given: params },
    symbols: symbols ?? subject.symbols,
  });
}

/** So many values are computed for the sake of a precise answer; beyond that the answer is as it is. */
const PRECISE_CELLS_MAX = 40_000_000;

/**
 * A difference found with blocks of many rows, sought again on its symbol with blocks of one row: the first row at
 * fault is then the first there is.
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

/** Bars of the longest symbol. */
export function longestHistory({ market, symbols }: Subject): number {
  const counts = new Map<string, number>();
  for (const { symbol } of market.table.rows) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  return Math.max(0, ...symbols.map((symbol) => counts.get(symbol) ?? 0));
}

/** Outputs that must not change when prices are adjusted anew. */
export function invariantColumns({ resolved }: Subject): string[] {
  return resolved.outputs
    .filter(({ unit }) => unit === "ratio" || unit === "count" || unit === "flag")
    .map(({ name }) => name);
}

/** Where rows differ from the reference. */
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

/** A failure with the first place at fault; `what` says what was done there. */
export function failed(check: CheckName, what: string, difference?: Difference): Verdict {
  if (difference === undefined) return { check, outcome: "failed", detail: what };
  const { count, first } = difference;
  const detail = count === 1 ? what : `${what} (${count} values; this is the first)`;
  return { check, outcome: "failed", detail, offence: first };
}
