import { QuiverError } from "../../../shared/errors/index.ts";
import type { SetReport, TrainingReport } from "../../../shared/protocol/training.ts";
import type { Database } from "../../engine/database.ts";
import { duckdb } from "../../engine/duckdb-bindings.ts";
import type { ResultBatch, ResultHead } from "../../formats/result-batch.ts";
import { quoteName, quoteText } from "../../../shared/sql-text.ts";
import { QueryRun } from "../../sql/query-run.ts";
import { openResult } from "../../sql/read-batches.ts";
import { nextChunk } from "../../sql/result-chunks.ts";
import { readSymbolIndex } from "../../store/read-dataset.ts";
import type { TrainingPlan } from "../../../shared/protocol/training-plan.ts";
import { openKnownBars } from "./known-rows.ts";
import { loadEntities, type GivenRows } from "./load-entities.ts";
import { markSplits } from "./mark-splits.ts";
import { matchKey, matchKnown, timesOf, type Match, type MatchContext } from "./match-known.ts";
import { nameOutputs } from "./name-outputs.ts";
import { barTimes, openSets, type OpenSet } from "./open-sets.ts";
import { openWorkConnection, type WorkConnection } from "./work-connection.ts";

/** A training set that has been joined but not sent. Its holder must close it. */
export interface BuiltTrainingSet {
  readonly head: ResultHead;
  readonly report: TrainingReport;
  /** Entity rows in their order, with the joined columns. */
  readonly batches: AsyncGenerator<ResultBatch>;
  close(): Promise<void>;
}

export interface BuildOptions {
  readonly dataDir: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/**
 * Joins entity rows with the values known at each of them. Narrow ASOF joins find the bars first. Their values are then
 * fetched, version by version, into tables in the entities' order, so that the answer only puts these tables side by
 * side and never sorts wide rows.
 */
export async function buildTrainingSet(
  database: Database,
  plan: TrainingPlan,
  { dataDir, timeoutMs, signal }: BuildOptions,
): Promise<BuiltTrainingSet> {
  const run = await QueryRun.open(database, { timeoutMs, signal });
  const close = () => run.close();
  try {
    const work = openWorkConnection(run);
    const given = await loadEntities(work, plan);
    const names = nameOutputs(given.columns, plan.outputs, plan.sets);
    const sets = openSets(dataDir, plan.sets, await symbolsOf(work));
    const times = await barTimes(work, sets);
    const knownBars = await openKnownBars(work, dataDir, sets);
    const context = { work, given, times, knownBars, maxAgeMicros: plan.maxAgeMicros };
    const { reports, matches } = await matchSets(context, sets, plan);
    const splits = await splitsOf(context, sets, matches, plan);
    for (const [at, set] of sets.entries()) await gather(work, plan, at, set, matches[at]!);
    const report: TrainingReport = {
      rowCount: given.rowCount,
      unknownSymbolRows: await countUnknown(work, dataDir, sets),
      ts: given.ts,
      sets: reports,
      splits,
    };
    return { ...(await read(run, work, answerSql(given, plan, names, splits))), report, close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function symbolsOf(work: WorkConnection): Promise<string[]> {
  return (await work.rows("SELECT DISTINCT symbol FROM entity ORDER BY symbol")).map(([symbol]) =>
    String(symbol),
  );
}

interface Matched {
  readonly matches: readonly Match[];
  readonly reports: readonly SetReport[];
}

async function matchSets(
  context: MatchContext,
  sets: readonly OpenSet[],
  { restated }: TrainingPlan,
): Promise<Matched> {
  const made = new Map<string, Match>();
  const match = async (set: OpenSet, knowledge: "first" | "settled") => {
    const key = matchKey(set, knowledge);
    const found = made.get(key) ?? (await matchKnown(context, set, knowledge, `match_${made.size}`));
    made.set(key, found);
    return found;
  };
  const matches: Match[] = [];
  const reports: SetReport[] = [];
  for (const set of sets) {
    // A label is an outcome of the bar, so it counts regardless of when it became known.
    const isHeld = set.record.knownTime !== null && restated === "hold" && set.planned.kind === "feature";
    const found = await match(set, isHeld ? "settled" : "first");
    const first = isHeld ? await match(set, "first") : found;
    const heldRows = isHeld
      ? await context.work.count(
          `SELECT count(*) FROM ${found.table} a JOIN ${first.table} b USING (n) WHERE a.bar IS DISTINCT FROM b.bar`,
        )
      : 0;
    matches.push(found);
    reports.push({ matchedRows: found.matchedRows, heldRows, laterRows: found.laterRows });
  }
  return { matches, reports };
}

async function splitsOf(
  context: MatchContext,
  sets: readonly OpenSet[],
  matches: readonly Match[],
  { split }: TrainingPlan,
): Promise<TrainingReport["splits"]> {
  if (split === null) return [];
  const label = sets.findIndex(({ planned }) => planned.kind === "label");
  const at = Math.max(label, 0);
  const set = sets[at]!;
  const times = timesOf(context, set);
  const rowsSql = `SELECT v.symbol, v.ts, ${times.ended("v.ts")} AS ended FROM (SELECT symbol, ts FROM (${set.rowsSql})) v ${times.join("v.ts")}`;
  return markSplits(context.work, split, context.given, { match: matches[at]!, rowsSql });
}

/** The values of a version's columns at the matched bars, in the entities' order. */
async function gather(
  work: WorkConnection,
  { outputs }: TrainingPlan,
  at: number,
  { rowsSql }: OpenSet,
  { table }: Match,
): Promise<void> {
  const columns = outputs.flatMap(({ set, column }, place) =>
    set === at ? [`v.${quoteName(column)} AS c${place}`] : [],
  );
  await work.run(
    `CREATE TEMP TABLE gather_${at} AS SELECT ${columns.join(", ")} FROM ${table} m LEFT JOIN (${rowsSql}) v ON v.symbol = m.symbol AND v.ts = m.ts ORDER BY m.n`,
  );
}

function answerSql(
  { columns }: GivenRows,
  { sets, outputs }: TrainingPlan,
  names: readonly string[],
  splits: TrainingReport["splits"],
): string {
  const own = columns.map((name) => (name === "ts" ? "e.ts" : `g.${quoteName(name)}`));
  const marks = splits.map(({ column }, at) => `split_${at}.part AS ${quoteName(column)}`);
  const joined = outputs.map(({ set }, at) => `gather_${set}.c${at} AS ${quoteName(names[at]!)}`);
  const tables = [
    "entity e",
    ...splits.map((_, at) => `split_${at}`),
    ...sets.map((_, at) => `gather_${at}`),
  ];
  return `SELECT ${[...own, ...marks, ...joined].join(", ")} FROM given g ${tables.map((table) => `POSITIONAL JOIN ${table}`).join(" ")}`;
}

async function countUnknown(
  work: WorkConnection,
  dataDir: string,
  sets: readonly OpenSet[],
): Promise<number> {
  const records = new Map(sets.map(({ record }) => [record.name, record]));
  const known = new Set([...records.values()].flatMap((record) => readSymbolIndex(dataDir, record).symbols));
  return work.count(
    `SELECT count(*) FROM entity ANTI JOIN (SELECT unnest([${[...known].map(quoteText).join(", ")}]::VARCHAR[]) AS symbol) USING (symbol)`,
  );
}

/** How far DuckDB may compute ahead of the reader while a batch is being sent. */
const WORK_AHEAD = "32MB";

async function read(
  run: QueryRun,
  work: WorkConnection,
  sql: string,
): Promise<Pick<BuiltTrainingSet, "head" | "batches">> {
  await work.run(`SET streaming_buffer_size = '${WORK_AHEAD}'`);
  const result = await run.step(async () => {
    const prepared = await duckdb.prepare(work.raw, sql);
    try {
      return await duckdb.execute_prepared_streaming(prepared);
    } finally {
      duckdb.destroy_prepare_sync(prepared);
    }
  });
  const reader = openResult(result);
  const failed = () =>
    Promise.reject(
      new QuiverError("sql-failed", "The training set failed while its rows were being sent. Try again."),
    );
  return { head: reader.head, batches: reader.read(() => nextChunk(run, result, failed)) };
}
