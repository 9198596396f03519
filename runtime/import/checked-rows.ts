import type { Clocks } from "../../shared/time/clocks.ts";
import { openZone } from "../../shared/time/zone.ts";
import { barWarnings } from "./bar-checks.ts";
import { run, type ImportContext } from "./import-context.ts";
import type { ImportPlan } from "./import-plan.ts";
import { reasonNumber, WARNING_NAMES, type Warning } from "./reasons.ts";
import { rowsView, type TimeRange } from "./rows-view.ts";
import { outOfSessionDateSql, outOfSessionTimeSql } from "./session-sql.ts";
import { zoneSql } from "./zone-sql.ts";

/** The name of the view that {@link createCheckedView} makes. */
export function checkedView(context: ImportContext): string {
  return `${context.prefix}_checked`;
}

/**
 * Makes the view of all rows with everything that can be told of a row by itself: `reason` now with what
 * `strict` adds, and `warnings`, one bit
 * for each in their order.
 */
export async function createCheckedView(
  context: ImportContext,
  plan: ImportPlan,
  clocks: Clocks | null,
  strict: boolean,
  range: TimeRange,
): Promise<void> {
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
  const bits = WARNING_NAMES.flatMap((warning, at) => {
    const condition = conditions[warning];
    return condition === undefined ? [] : [`CASE WHEN ${condition} THEN ${1 << at} ELSE 0 END`];
  });
  const reason = `CASE WHEN reason > 0 THEN reason ${strictReasons.join(" ")} ELSE 0 END`;
  await run(
    context,
    `CREATE OR REPLACE TEMP VIEW ${checkedView(context)} AS
     SELECT * REPLACE (CAST(${reason} AS TINYINT) AS reason), CAST(${bits.length === 0 ? "0" : bits.join(" + ")} AS TINYINT) AS warnings
     FROM ${rowsView(context)}`,
  );
}

function outOfSession(plan: ImportPlan, clocks: Clocks | null, range: TimeRange): string | null {
  if (clocks?.sessions == null) return null;
  if (plan.daily) return outOfSessionDateSql(clocks.sessions, "ts", range);
  const zone = zoneSql(openZone(clocks.timezone), range.from, range.to);
  return outOfSessionTimeSql(clocks.sessions, zone, "ts", clocks.stamp, range);
}
