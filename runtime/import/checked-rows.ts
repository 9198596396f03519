import type { Clocks } from "../../shared/time/clocks.ts";
import { openZone } from "../../shared/time/zone.ts";
import { barWarnings } from "./bar-checks.ts";
import { run, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { reasonNumber, WARNING_NAMES, type Warning } from "../../shared/protocol/import-reasons.ts";
import { rowsView, type TimeRange } from "./rows-view.ts";
import { outOfSessionDateSql, outOfSessionTimeSql } from "./session-sql.ts";
import { zoneSql } from "./zone-sql.ts";

/** The name of the view that {@link createCheckedView} makes. */
export function checkedView(context: ImportContext): string {
  return `${context.prefix}_checked`;
}

/** The column of the view that tells whether a row has this warning. */
export function warningColumn(warning: Warning): string {
  return `_warned_${warning.replaceAll("-", "_")}`;
}

/** Warnings of a row as one number, with one bit per warning in their order. */
export function warningBits(warnings: readonly Warning[]): string {
  const bits = warnings.map(
    (warning) => `CASE WHEN ${warningColumn(warning)} THEN ${1 << WARNING_NAMES.indexOf(warning)} ELSE 0 END`,
  );
  return bits.length === 0 ? "0" : bits.join(" + ");
}

/**
 * Creates the view of all rows with everything that depends on a single row: `_reason`, including what `strict` adds,
 * and a column for each warning that is possible for these rows. Returns those warnings.
 */
export async function createCheckedView(
  context: ImportContext,
  plan: ImportPlan,
  clocks: Clocks | null,
  strict: boolean,
  range: TimeRange,
): Promise<readonly Warning[]> {
  const columns = new Map(plan.kind === "bars" ? plan.values.map(({ name, type }) => [name, type]) : []);
  const session = plan.kind === "bars" ? outOfSession(plan, clocks, range) : null;
  const conditions: Partial<Record<Warning, string>> = {
    ...barWarnings(columns),
    ...(session === null ? {} : { "out-of-session": session }),
  };
  const strictReasons = (["out-of-session", "vwap-outside-range"] as const).flatMap((warning) => {
    const condition = conditions[warning];
    return strict && condition !== undefined ? [`WHEN ${condition} THEN ${reasonNumber(warning)}`] : [];
  });
  const possible = WARNING_NAMES.filter((warning) => conditions[warning] !== undefined);
  const columnsSql = possible.map((warning) => `, ${conditions[warning]} AS ${warningColumn(warning)}`);
  const replaced =
    strictReasons.length === 0
      ? "*"
      : `* REPLACE (CASE WHEN _reason > 0 THEN _reason ${strictReasons.join(" ")} ELSE 0 END AS _reason)`;
  await run(
    context,
    `CREATE OR REPLACE TEMP VIEW ${checkedView(context)} AS SELECT ${replaced}${columnsSql.join("")} FROM ${rowsView(context)}`,
  );
  return possible;
}

function outOfSession(plan: ImportPlan, clocks: Clocks | null, range: TimeRange): string | null {
  if (clocks?.sessions == null) return null;
  if (plan.daily) return outOfSessionDateSql(clocks.sessions, "ts", range);
  const zone = zoneSql(openZone(clocks.timezone), range.from, range.to);
  return outOfSessionTimeSql(clocks.sessions, zone, "ts", clocks.stamp, range);
}
