import { errorCodeOf, messageOf } from "../../shared/errors/index.ts";
import { checkAdjustment } from "./checks/check-adjustment.ts";
import { checkChunks } from "./checks/check-chunks.ts";
import { checkContract } from "./checks/check-contract.ts";
import { checkDeterminism } from "./checks/check-determinism.ts";
import { checkEventTime } from "./checks/check-event-time.ts";
import { checkKnowledge } from "./checks/check-knowledge.ts";
import { checkMemory } from "./checks/check-memory.ts";
import { checkState } from "./checks/check-state.ts";
import { checkTime } from "./checks/check-time.ts";
import type { Market } from "./market/open-market.ts";
import type { Bench, BenchRun } from "./open-bench.ts";
import type { ResultRows } from "./result-rows.ts";
import { failed, notApplicable, type Subject } from "./subject.ts";
import { CHECK_NAMES, type CheckName, type CheckReport, hasFailed, type Verdict } from "./verdict.ts";

const BY_NAME: Readonly<Record<CheckName, (subject: Subject) => Promise<Verdict>>> = {
  "event-time": checkEventTime,
  knowledge: checkKnowledge,
  chunks: checkChunks,
  determinism: checkDeterminism,
  memory: checkMemory,
  state: checkState,
  adjustment: checkAdjustment,
  contract: checkContract,
  time: checkTime,
};

/** The checks that compare the values of two calls. */
const COMPARING: ReadonlySet<CheckName> = new Set([
  "event-time",
  "knowledge",
  "chunks",
  "memory",
  "state",
  "adjustment",
]);

export interface CheckFunctionOptions {
  readonly bench: Bench;
  readonly market: Market;
  readonly name: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A report, and the rows that it is based on if there are any. */
export interface Checked {
  readonly report: CheckReport;
  readonly rows: ResultRows | undefined;
}

/** Runs every check of one function on one market. An error that the function throws becomes a verdict. */
export async function checkFunction({ bench, market, name, params }: CheckFunctionOptions): Promise<Checked> {
  const startedAt = performance.now();
  const entry = await bench.get(name);
  const resolved = await bench.resolve(name, params);
  const { base, symbols, broken } = await baseRun(bench, market, name, params);
  const report = (verdicts: readonly Verdict[]): CheckReport => ({
    function: name,
    params: resolved.params,
    kind: entry.description.kind,
    on: market.on,
    rowCount: base?.rows.rowCount ?? 0,
    symbolCount: symbols.length,
    verdicts,
    passed: !hasFailed(verdicts),
    milliseconds: performance.now() - startedAt,
  });
  if (base === undefined) return { report: report(broken), rows: undefined };
  const subject: Subject = { entry, resolved, params, bench, market, symbols, base };
  const verdicts: Verdict[] = [];
  const determinism = await settled("determinism", () => checkDeterminism(subject));
  // Values that change from run to run cannot be compared with anything.
  const isFickle = determinism.outcome === "failed";
  for (const check of CHECK_NAMES) {
    if (check === "determinism") verdicts.push(determinism);
    else if (check === "contract" && broken[0] !== undefined) verdicts.push(broken[0]);
    else if (isFickle && COMPARING.has(check))
      verdicts.push(notApplicable(check, "its values change from run to run"));
    else verdicts.push(await settled(check, () => BY_NAME[check](subject)));
  }
  return { report: report(verdicts), rows: base.rows };
}

/** Computes the reference result. Symbols on which the function fails are left out and reported. */
async function baseRun(
  bench: Bench,
  market: Market,
  name: string,
  params: Readonly<Record<string, unknown>>,
): Promise<{
  readonly base: BenchRun | undefined;
  readonly symbols: readonly string[];
  readonly broken: readonly Verdict[];
}> {
  const run = (symbols: readonly string[]) =>
    bench.run({ function: name, dataset: market.dataset, params, symbols }, { recompute: true });
  try {
    return { base: await run(market.symbols), symbols: market.symbols, broken: [] };
  } catch (error) {
    const first = problemText(error);
    const good: string[] = [];
    const bad: { readonly symbol: string; readonly problem: string }[] = [];
    for (const symbol of market.symbols) {
      try {
        await run([symbol]);
        good.push(symbol);
      } catch (reason) {
        bad.push({ symbol, problem: problemText(reason) });
      }
    }
    const [culprit] = bad;
    const detail =
      culprit === undefined ? first : `symbol ${JSON.stringify(culprit.symbol)}: ${culprit.problem}`;
    const broken = [failed("contract", `it fails: ${detail}`)];
    if (good.length === 0 || bad.length === 0) return { base: undefined, symbols: good, broken };
    return { base: await run(good), symbols: good, broken };
  }
}

/** If the function fails during a check, the check has failed. Faults of the runtime are thrown. */
async function settled(check: CheckName, run: () => Promise<Verdict>): Promise<Verdict> {
  try {
    return await run();
  } catch (error) {
    return failed(check, `it fails: ${problemText(error)}`);
  }
}

function problemText(error: unknown): string {
  const code = errorCodeOf(error);
  if (code === undefined || code === "internal-error" || code === "engine-died") throw error;
  const message = messageOf(error);
  return message.split("\n")[0] ?? message;
}
