import { didYouMean, QuiverError } from "../../../shared/errors/index.ts";
import type { TrainingReport } from "../../../shared/protocol/training.ts";
import { quoteName, quoteText } from "../../../shared/sql-text.ts";
import { ROUNDS_MAX } from "../plan-split.ts";
import type { SplitBound, SplitPlan } from "../../../shared/protocol/training-plan.ts";
import { invalid, type GivenRows } from "./load-entities.ts";
import type { Match } from "./match-known.ts";
import type { WorkConnection } from "./work-connection.ts";

/** The rows along which a horizon in bars is counted: those of a version, with the entity rows matched to them. */
export interface SplitBase {
  readonly match: Match;
  /** A query for `symbol`, `ts` and `ended` of the version's rows. */
  readonly rowsSql: string;
}

interface Round {
  readonly column: string;
  /** Conditions on a row of `span`. */
  readonly isTest: string;
  readonly isLater: string;
}

/**
 * Creates a table for each round that tells the part of each row in it.
 *
 * A row's label covers the closed interval from its moment to its horizon; symbols are not distinguished.
 * - `test`: the row is on the test side.
 * - `purged`: the row is not, but its interval overlaps that of a test row, so it would reveal the test side's outcome.
 * - `embargo`: the row begins after a test interval, but within the embargo after its end, so its values may still
 *   reflect the test side.
 * - `later`: the row follows the test side of a round that trains only on earlier rows.
 * - `train`: all other rows.
 */
export async function markSplits(
  work: WorkConnection,
  split: SplitPlan,
  given: GivenRows,
  base: SplitBase,
): Promise<TrainingReport["splits"]> {
  const fold = "column" in split.rounds ? split.rounds.column : null;
  const rounds = fold === null ? timedRounds(split, given.ts) : await foldRounds(work, given, fold);
  const taken = rounds.find(({ column }) =>
    given.columns.some((name) => name.toLowerCase() === column.toLowerCase()),
  );
  if (taken !== undefined) {
    throw invalid(
      `they already have a column ${JSON.stringify(taken.column)}, which the split would write. Rename it`,
      {
        column: taken.column,
      },
    );
  }
  await makeSpans(work, split, base, fold);
  const reports: TrainingReport["splits"][number][] = [];
  for (const [at, { column, isTest, isLater }] of rounds.entries()) {
    await work.run(`
      CREATE OR REPLACE TEMP TABLE tests AS
      SELECT t, max(max(e)) OVER (ORDER BY t) AS reach FROM span s WHERE ${isTest} GROUP BY t`);
    // A row is purged if, of the test rows that begin by the end of its interval, one lasts until its beginning.
    await work.run(`
      CREATE TEMP TABLE split_${at} AS
      SELECT CASE
          WHEN ${isTest} THEN 'test'
          WHEN ${isLater} THEN 'later'
          WHEN p.reach >= s.t THEN 'purged'
          WHEN q.reach + ${split.embargoMicros} >= s.t THEN 'embargo'
          ELSE 'train' END AS part
      FROM span s ASOF LEFT JOIN tests p ON s.e >= p.t ASOF LEFT JOIN tests q ON s.t >= q.t
      ORDER BY s.n`);
    const counts = await work.rows(`SELECT part, count(*) FROM split_${at} GROUP BY part ORDER BY part`);
    reports.push({
      column,
      rows: Object.fromEntries(counts.map(([part, count]) => [String(part), Number(count)])),
    });
  }
  return reports;
}

function timedRounds({ rounds }: SplitPlan, ts: GivenRows["ts"]): Round[] {
  if ("column" in rounds) return [];
  const at = (bound: SplitBound) => (ts === "date" ? bound.ofDates : bound.ofInstants);
  return rounds.map(({ column, from, to, trainsAfter }) => ({
    column,
    isTest: `s.t >= ${at(from)}${to === null ? "" : ` AND s.t < ${at(to)}`}`,
    isLater: trainsAfter ? "false" : `s.t >= ${at(from)}`,
  }));
}

async function foldRounds(work: WorkConnection, given: GivenRows, fold: string): Promise<Round[]> {
  if (!given.columns.includes(fold)) {
    throw invalid(
      `there is no column ${JSON.stringify(fold)} for \`folds\`, only ${given.columns.join(", ")}${nearOnes(fold, given.columns)}`,
      { missing: fold, given: given.columns },
    );
  }
  const values = await work.rows(
    `SELECT CAST(v AS VARCHAR) FROM (SELECT DISTINCT ${quoteName(fold)} AS v FROM given WHERE v IS NOT NULL ORDER BY v LIMIT ${ROUNDS_MAX + 1})`,
  );
  if (values.length > ROUNDS_MAX || values.length === 0) {
    throw new QuiverError(
      "request-malformed",
      `Cannot use \`folds\` ${JSON.stringify(fold)}: the column has ${values.length === 0 ? "no value" : `more than ${ROUNDS_MAX} values`}, expected one value for each fold.`,
      { field: "folds", given: fold },
    );
  }
  return values.map(([value]) => ({
    column: `split_${String(value)}`,
    isTest: `s.fold IS NOT DISTINCT FROM ${quoteText(String(value))}`,
    isLater: "false",
  }));
}

function nearOnes(name: string, known: readonly string[]): string {
  const near = didYouMean(name, known);
  return near === "" ? "" : `.${near} Name it`;
}

/** Creates `span` with `n`, `t` and `e`: each row's interval. It ends early if the bars end before the horizon. */
async function makeSpans(
  work: WorkConnection,
  { horizon }: SplitPlan,
  { match, rowsSql }: SplitBase,
  fold: string | null,
): Promise<void> {
  const foldSql = fold === null ? "NULL" : `CAST(g.${quoteName(fold)} AS VARCHAR)`;
  const folds = `SELECT e.n, ${foldSql} AS fold FROM entity e POSITIONAL JOIN given g`;
  const ends =
    "micros" in horizon
      ? `SELECT n, moment AS t, moment + ${horizon.micros} AS e FROM ${match.table}`
      : `SELECT m.n, m.moment AS t, greatest(m.moment, coalesce(r.reach, m.moment)) AS e FROM ${match.table} m LEFT JOIN (
           SELECT symbol, ts, coalesce(lead(ended, ${horizon.bars}) OVER (PARTITION BY symbol ORDER BY ts),
             max(ended) OVER (PARTITION BY symbol)) AS reach FROM (${rowsSql})
         ) r ON r.symbol = m.symbol AND r.ts = m.bar`;
  await work.run(
    `CREATE TEMP TABLE span AS SELECT x.n, x.t, x.e, f.fold FROM (${ends}) x JOIN (${folds}) f ON f.n = x.n`,
  );
}
