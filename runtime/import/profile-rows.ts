import { checkedView, warningColumn } from "./checked-rows.ts";
import { query, toCount, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { reasonOf, type Reason, type Warning } from "../../shared/protocol/import-reasons.ts";
import { createRemovedTable, goodRows, removedTable } from "./removed-rows.ts";
import type { StagedGroup } from "./rows-view.ts";

/** Counts of one file's rows so far. */
export interface FileTally {
  rows: number;
  readonly quarantined: Map<Reason, number>;
  readonly warnings: Map<Warning, number>;
}

/** What one pass over all rows finds. */
export interface RowProfile {
  readonly tallies: readonly FileTally[];
  /** Number of rows that pass all checks of a single row, and SQL to read them. */
  readonly goodRowCount: number;
  readonly good: string;
  readonly hasBadRows: boolean;
  /** Warnings that are possible for these rows. */
  readonly warnings: readonly Warning[];
  /** Whether the rows strictly ascend by key in their order, so that no two rows share a key. */
  readonly isUnique: boolean;
  /** Whether they ascend by key, with equal keys allowed. */
  readonly isSorted: boolean;
}

/** The columns that form a row's key, which must be unique. */
export function keyColumns(plan: ImportPlan): string[] {
  return ["symbol", ...(plan.kind === "attributes" ? [] : ["ts"]), ...(plan.bitemporal ? ["known_at"] : [])];
}

/** Counts every row by file and reason, and finds out whether the rows are in order. */
export async function profileRows(
  context: ImportContext,
  plan: ImportPlan,
  staged: readonly StagedGroup[],
  warnings: readonly Warning[],
): Promise<RowProfile> {
  const tallies = plan.groups.flatMap((group) =>
    group.files.map((): FileTally => ({ rows: 0, quarantined: new Map(), warnings: new Map() })),
  );
  // One pass over all columns counts by file only. Bad rows, if there are any, are then counted by reason.
  const warned = warnings.map((warning) => `count(*) FILTER (_reason = 0 AND ${warningColumn(warning)})`);
  const counts = await query(
    context,
    `SELECT ${["_file_no", "count(*)", "count(*) FILTER (_reason > 0)", ...warned].join(", ")} FROM ${checkedView(context)} GROUP BY _file_no`,
  );
  let goodRowCount = 0;
  let badRowCount = 0;
  for (const row of counts) {
    const tally = tallies[toCount(row[0])]!;
    tally.rows += toCount(row[1]);
    badRowCount += toCount(row[2]);
    goodRowCount += toCount(row[1]) - toCount(row[2]);
    for (const [at, warning] of warnings.entries()) add(tally.warnings, warning, toCount(row[3 + at]));
  }
  await createRemovedTable(context, badRowCount > 0);
  const reasons = await query(
    context,
    `SELECT _file_no, reason, count(*) FROM ${removedTable(context)} GROUP BY _file_no, reason`,
  );
  for (const [fileNo, reason, count] of reasons) {
    add(tallies[toCount(fileNo)]!.quarantined, reasonOf(toCount(reason)), toCount(count));
  }
  await countRejects(context, staged, tallies);
  const good = goodRows(context, badRowCount > 0);
  return {
    tallies,
    goodRowCount,
    good,
    hasBadRows: badRowCount > 0,
    warnings,
    ...(await findOrder(context, plan)),
  };
}

/** Adds to a count; a zero creates no entry. */
export function add<K>(counts: Map<K, number>, key: K, count: number): void {
  if (count !== 0) counts.set(key, (counts.get(key) ?? 0) + count);
}

/** Counts lines that are not valid text. DuckDB writes them to a separate table, so they are not among the rows. */
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

/** Checks the order of all rows, including bad ones. These rarely break it; if they do, the rows are sorted needlessly. */
async function findOrder(
  context: ImportContext,
  plan: ImportPlan,
): Promise<{ isUnique: boolean; isSorted: boolean }> {
  const keys = keyColumns(plan);
  const before = keys.map((key) => `lag(${key}) OVER () AS before_${key}`);
  // Each key is compared separately, because comparing whole structs is many times slower.
  const descends = (last: string) =>
    keys
      .map((key, at) => {
        const equal = keys.slice(0, at).map((k) => `before_${k} = ${k}`);
        return `(${[...equal, `before_${key} ${at === keys.length - 1 ? last : ">"} ${key}`].join(" AND ")})`;
      })
      .join(" OR ");
  const rows = `(SELECT ${[...keys, ...before].join(", ")} FROM (SELECT ${keys.join(", ")} FROM ${checkedView(context)}))`;
  // Nearly every file is in strict order, so only the rows that break it are examined further.
  const [row] = await query(
    context,
    `SELECT count(*), count(*) FILTER (${descends(">")}) FROM ${rows} WHERE ${descends(">=")}`,
  );
  return { isSorted: toCount(row?.[1]) === 0, isUnique: toCount(row?.[0]) === 0 };
}
