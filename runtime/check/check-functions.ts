import type { ResolvedFunction } from "../../shared/contract/describe.ts";
import { didYouMean, QuiverError, thereAre } from "../../shared/errors/index.ts";
import { findFunctions } from "../catalog/find-functions.ts";
import { checkFunction } from "./check-function.ts";
import { emptyColumns } from "./checks/check-contract.ts";
import { makeMarket, type Market } from "./market/open-market.ts";
import { type MarketNeeds, marketNeeds } from "./market/market-needs.ts";
import { type BenchOptions, openBench } from "./open-bench.ts";
import type { Bench } from "./open-bench.ts";
import type { CheckReport } from "./verdict.ts";

export interface CheckFunctionsOptions extends Omit<BenchOptions, "checked"> {
  /** The functions to check, in this order. */
  readonly names: readonly string[];
  /** Parameters by function; an absent one takes its default. */
  readonly paramsOf?: (name: string) => Readonly<Record<string, unknown>>;
  /** Opens the rows to check on; a made-up market if absent. */
  readonly openMarket?: (bench: Bench, needs: MarketNeeds) => Promise<Market>;
  readonly seed?: number;
  readonly onReport?: (report: CheckReport) => void;
  readonly signal?: AbortSignal;
}

const SEED = 20_231_229;
/** Two years. Functions with a longer warm-up get a longer history for that check. */
const DAY_COUNT = 520;

/** Checks functions in one process. A market is made when the first function needs it. */
export async function checkFunctions(options: CheckFunctionsOptions): Promise<CheckReport[]> {
  const { names, paramsOf = () => ({}), onReport, seed = SEED, signal } = options;
  await refuseUnknown(names, options.settings.functions);
  const bench = await openBench({ ...options, checked: names });
  try {
    const resolved = new Map<string, ResolvedFunction>();
    for (const name of names) resolved.set(name, await bench.resolve(name, paramsOf(name)));
    const needs = await marketNeeds([...resolved.values()], (name, params) => bench.resolve(name, params));
    const markets = new Map<string, Promise<Market>>();
    const marketOf = (kind: MarketKind) => {
      const made =
        markets.get(kind) ??
        (kind === "given"
          ? options.openMarket!(bench, needs)
          : makeMarket(bench, { needs, interval: kind, dayCount: DAY_COUNT, seed }));
      markets.set(kind, made);
      return made;
    };
    const one = async (name: string) => {
      signal?.throwIfAborted();
      const params = paramsOf(name);
      const check = async (kind: MarketKind) =>
        checkFunction({ bench, market: await marketOf(kind), name, params });
      return options.openMarket === undefined
        ? onFittingBars(check, resolved.get(name)!, (await bench.get(name)).description.bars)
        : (await check("given")).report;
    };
    return await inOrder(names, one, onReport);
  } finally {
    await bench.close();
  }
}

/** Refuses unknown names before anything is started, and without listing the functions that the check adds. */
async function refuseUnknown(names: readonly string[], functionsDir: string): Promise<void> {
  const known = (await findFunctions(functionsDir)).map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const have = thereAre(known, "there are none");
  throw new QuiverError(
    "unknown-function",
    `Cannot check the function ${JSON.stringify(unknown)}: ${have}.${didYouMean(unknown, known)}`,
    { function: unknown, known },
  );
}

type MarketKind = "given" | "daily" | "minute";

/** How many functions are checked at once: one computes while the other's results are compared. */
const AT_ONCE = 2;

/** Reports in the order of the names, each as soon as all earlier ones were reported. */
async function inOrder(
  names: readonly string[],
  check: (name: string) => Promise<CheckReport>,
  onReport: ((report: CheckReport) => void) | undefined,
): Promise<CheckReport[]> {
  const reports: (CheckReport | undefined)[] = names.map(() => undefined);
  const queue = names.entries();
  let told = 0;
  const work = async () => {
    for (const [index, name] of queue) {
      reports[index] = await check(name);
      for (let next = reports[told]; next !== undefined; next = reports[++told]) onReport?.(next);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return reports.filter((report) => report !== undefined);
}

/**
 * Checks a function on the bars that it declares. If it declares any bars, it is checked on daily ones, and also on
 * minutes if it refuses daily bars or leaves a column empty on them.
 */
async function onFittingBars(
  check: (kind: "daily" | "minute") => ReturnType<typeof checkFunction>,
  { outputs }: ResolvedFunction,
  bars: "daily" | "intraday" | "any",
): Promise<CheckReport> {
  if (bars === "intraday") return (await check("minute")).report;
  const daily = await check("daily");
  const names = outputs.map(({ name }) => name).filter((name) => name !== "ts" && name !== "symbol");
  const silent = daily.rows === undefined ? names : emptyColumns(daily.rows, names);
  if (silent.length === 0 || bars === "daily") return daily.report;
  const minute = await check("minute");
  if (minute.rows === undefined) return daily.report;
  const silentThere = emptyColumns(minute.rows, names);
  if (silent.length === names.length) return minute.report;
  return silentThere.length < silent.length ? worse(daily.report, minute.report) : daily.report;
}

/** A function that has columns for both kinds of bars must be right on both. */
function worse(daily: CheckReport, minute: CheckReport): CheckReport {
  const verdicts = daily.verdicts.map((verdict) => {
    const other = minute.verdicts.find(({ check }) => check === verdict.check);
    if (other === undefined || verdict.outcome === "failed") return verdict;
    // A column that is empty on daily bars has its values on minutes.
    return other.outcome === "failed" || verdict.outcome === "warning" ? other : verdict;
  });
  return {
    ...daily,
    on: `${daily.on} and ${minute.on}`,
    verdicts,
    passed: daily.passed && minute.passed,
    milliseconds: daily.milliseconds + minute.milliseconds,
  };
}
