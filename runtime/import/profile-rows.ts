import { checkedView, warningColumn } from "./checked-rows.ts";
import { query, toCount, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { reasonOf, type Reason, type Warning } from "../../shared/protocol/import-reasons.ts";
import { createRemovedTable, goodRows, removedTable } from "./removed-rows.ts";
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
  readonly hasBadRows: boolean;
  /** Warnings these rows may deserve. */
  readonly warnings: readonly Warning[];
  /** Whether the rows, as they come, ascend strictly by key: then no two share one. */
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
  warnings: readonly Warning[],
): Promise<RowProfile> {
  const tallies = plan.groups.flatMap((group) =>
    group.files.map((): FileTally => ({ rows: 0, quarantined: new Map(), warnings: new Map() })),
  );
  // One look over every column: counts by file only, and by reason later where there is a bad row at all.
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

/** Over all rows, bad ones too: they rarely break the order, and where they do more work is done than need be. */
async function findOrder(
  context: ImportContext,
  plan: ImportPlan,
): Promise<{ isUnique: boolean; isSorted: boolean }> {
  const keys = keyColumns(plan);
  const before = keys.map((key) => `lag(${key}) OVER () AS before_${key}`);
  // Spelled out key by key: a comparison of whole structs is many times slower.
  const descends = (last: string) =>
    keys
      .map((key, at) => {
        const equal = keys.slice(0, at).map((k) => `before_${k} = ${k}`);
        return `(${[...equal, `before_${key} ${at === keys.length - 1 ? last : ">"} ${key}`].join(" AND ")})`;
      })
      .join(" OR ");
  const rows = `(SELECT ${[...keys, ...before].join(", ")} FROM (SELECT ${keys.join(", ")} FROM ${checkedView(context)}))`;
  // Nearly every file is in strict order; how it breaks it is counted over the breaks alone.
  const [row] = await query(
    context,
    `SELECT count(*), count(*) FILTER (${descends(">")}) FROM ${rows} WHERE ${descends(">=")}`,
  );
  return { isSorted: toCount(row?.[1]) === 0, isUnique: toCount(row?.[0]) === 0 };
}
