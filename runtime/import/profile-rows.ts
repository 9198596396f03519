import { checkedView } from "./checked-rows.ts";
import { query, toCount, toNumber, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { reasonOf, WARNING_NAMES, type Reason, type Warning } from "./reasons.ts";
import { createRemovedTable, goodRows } from "./removed-rows.ts";
import type { StagedGroup } from "./rows-view.ts";

/** One file's rows so far: those in, and what has become of them. */
export interface FileTally {
  rows: number;
  readonly quarantined: Map<Reason, number>;
  readonly warnings: Map<Warning, number>;
}

/** What one look over all rows tells. */
export interface RowProfile {
  readonly tallies: readonly FileTally[];
  /** Rows that no reason of their own keeps out, and SQL to read them. */
  readonly goodRowCount: number;
  readonly good: string;
  /** Whether the good rows, as they come, ascend strictly by key: then no two share one. */
  readonly isUnique: boolean;
  /** Whether they ascend, equal keys allowed. */
  readonly isSorted: boolean;
}

/** Names of the columns that make a row's key: what may stand only once. */
export function keyColumns(plan: ImportPlan): string[] {
  return ["symbol", ...(plan.kind === "attributes" ? [] : ["ts"]), ...(plan.bitemporal ? ["known_at"] : [])];
}

/** Counts every row by file and reason, and finds out whether the good ones are in order. */
export async function profileRows(
  context: ImportContext,
  plan: ImportPlan,
  staged: readonly StagedGroup[],
): Promise<RowProfile> {
  const tallies = plan.groups.flatMap((group) =>
    group.files.map((): FileTally => ({ rows: 0, quarantined: new Map(), warnings: new Map() })),
  );
  const bits = WARNING_NAMES.map((_, at) => `count(*) FILTER (reason = 0 AND warnings & ${1 << at} <> 0)`);
  const counts = await query(
    context,
    `SELECT file_no, reason, count(*), ${bits.join(", ")} FROM ${checkedView(context)} GROUP BY file_no, reason`,
  );
  let goodRowCount = 0;
  let badRows = 0;
  for (const row of counts) {
    const tally = tallies[toCount(row[0])]!;
    const reason = toCount(row[1]);
    const count = toCount(row[2]);
    tally.rows += count;
    if (reason === 0) goodRowCount += count;
    else {
      badRows += count;
      add(tally.quarantined, reasonOf(reason), count);
    }
    for (const [at, warning] of WARNING_NAMES.entries()) add(tally.warnings, warning, toCount(row[3 + at]));
  }
  await countRejects(context, staged, tallies);
  await createRemovedTable(context, badRows > 0);
  const good = goodRows(context, badRows > 0);
  return { tallies, goodRowCount, good, ...(await findOrder(context, plan, good)) };
}

/** Adds to a count; nothing is not counted. */
export function add<K>(counts: Map<K, number>, key: K, count: number): void {
  if (count !== 0) counts.set(key, (counts.get(key) ?? 0) + count);
}

/** Lines that are no text never reach the rows: DuckDB sets them aside. */
async function countRejects(
  context: ImportContext,
  staged: readonly StagedGroup[],
  tallies: readonly FileTally[],
): Promise<void> {
  for (const { group, rejects } of staged) {
    if (rejects === null) continue;
    const rows = await query(
      context,
      rejectedLinesSql(rejects, "file_path, count(DISTINCT line)", "GROUP BY file_path"),
    );
    for (const [path, count] of rows) {
      const at = group.files.findIndex((file) => file.path === path);
      const tally = tallies[group.firstFile + at];
      if (tally === undefined)
        throw new Error(`DuckDB rejected a line of ${String(path)}, which is not being read`);
      tally.rows += toCount(count);
      add(tally.quarantined, "unparsable", toCount(count));
    }
  }
}

/** A query over the rejected lines of a group. */
export function rejectedLinesSql(
  rejects: { errors: string; scans: string },
  select: string,
  rest: string,
): string {
  return `SELECT ${select} FROM ${rejects.errors} AS e JOIN ${rejects.scans} AS s USING (scan_id, file_id) ${rest}`;
}

async function findOrder(
  context: ImportContext,
  plan: ImportPlan,
  good: string,
): Promise<{ isUnique: boolean; isSorted: boolean }> {
  const keys = keyColumns(plan);
  const before = keys.map((key) => `lag(${key}) OVER () AS before_${key}`);
  // Spelled out key by key: a comparison of whole structs is many times slower.
  const descends = keys
    .map(
      (key, at) =>
        `(${[...keys.slice(0, at).map((k) => `before_${k} = ${k}`), `before_${key} > ${key}`].join(" AND ")})`,
    )
    .join(" OR ");
  const equal = keys.map((key) => `before_${key} = ${key}`).join(" AND ");
  const [row] = await query(
    context,
    `SELECT count(*) FILTER (${descends}), count(*) FILTER (${equal}) FROM (SELECT ${[...keys, ...before].join(", ")} FROM (SELECT ${keys.join(", ")} FROM ${good}))`,
  );
  const descents = toNumber(row?.[0]) ?? 0;
  return { isSorted: descents === 0, isUnique: descents === 0 && (toNumber(row?.[1]) ?? 0) === 0 };
}
