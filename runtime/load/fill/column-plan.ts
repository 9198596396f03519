import { quoteName } from "../../../shared/sql-text.ts";
import type { ColumnType } from "../../../shared/arrow/index.ts";
import type { ColumnRequest } from "../../../shared/protocol/row-set.ts";
import type { Database } from "../../engine/database.ts";
import {
  codeExpression,
  columnExpression,
  columnTypeMismatch,
  type ColumnExpression,
} from "./column-expression.ts";
import { compareCodePoints } from "../../store/compare-code-points.ts";
import { columnOf, fromFiles, type DatasetVersion } from "./dataset-reader.ts";
import type { RowSelection } from "./row-selection.ts";

/** How a stored column will be selected and written. */
export interface ColumnPlan {
  readonly request: ColumnRequest;
  /** The type in the column file; text is written as int32 codes. */
  readonly fileType: Exclude<ColumnType, "utf8">;
  readonly expression: ColumnExpression;
  readonly labels: readonly string[] | null;
}

/** Decides how each column is read; for text columns it first looks up the labels. */
export async function planColumns(
  version: DatasetVersion,
  rows: RowSelection,
  columns: readonly ColumnRequest[],
  database: Database,
): Promise<ColumnPlan[]> {
  const plans: ColumnPlan[] = [];
  for (const request of columns) {
    const stored = columnOf(version.record, request.name);
    if (request.type !== "utf8") {
      const expression = columnExpression(stored, request.type, version.record.name);
      plans.push({ request, fileType: request.type, expression, labels: null });
    } else {
      if (stored.type !== "utf8") throw columnTypeMismatch(stored, "utf8", version.record.name);
      const labels = await labelsOf(version, rows, request.name, database);
      plans.push({ request, fileType: "int32", expression: codeExpression(request.name, labels), labels });
    }
  }
  return plans;
}

/** The select list and byte widths of some columns; a column with nulls of its own takes two places. */
export function selectList(plans: readonly ColumnPlan[]): { sql: string; byteWidths: number[] } {
  const items = plans.flatMap(({ expression }) =>
    expression.valid === null
      ? [{ sql: expression.value, byteWidth: expression.byteWidth }]
      : [
          { sql: expression.value, byteWidth: expression.byteWidth },
          { sql: expression.valid, byteWidth: 1 },
        ],
  );
  return {
    sql: items.map(({ sql }, i) => `${sql} AS c${i}`).join(", "),
    byteWidths: items.map(({ byteWidth }) => byteWidth),
  };
}

async function labelsOf(
  version: DatasetVersion,
  { files, where, elsewhere }: RowSelection,
  name: string,
  database: Database,
): Promise<string[]> {
  const others = elsewhere === undefined ? [] : await labelsOf(version, elsewhere, name, database);
  if (files.length === 0) return others;
  const connection = await database.instance.connect();
  try {
    const column = quoteName(name);
    const condition = where === "" ? " WHERE" : `${where} AND`;
    const result = await connection.runAndReadAll(
      `SELECT DISTINCT ${column} FROM ${fromFiles(version, files)}${condition} ${column} IS NOT NULL ORDER BY 1`,
    );
    const labels = result.getRows().map(([label]) => String(label));
    return others.length === 0 ? labels : [...new Set([...labels, ...others])].toSorted(compareCodePoints);
  } finally {
    connection.disconnectSync();
  }
}
