import type { ColumnType } from "../../../shared/arrow/index.ts";
import type { ColumnRequest } from "../../../shared/protocol/row-set.ts";
import type { Database } from "../../engine/database.ts";
import {
  codeExpression,
  columnExpression,
  columnTypeMismatch,
  quoteName,
  type ColumnExpression,
} from "./column-expression.ts";
import { columnOf, fromFiles, type DatasetVersion } from "./dataset-reader.ts";
import type { DatasetFile } from "../../store/dataset.ts";

/** A stored column as it will be selected and written. */
export interface ColumnPlan {
  readonly request: ColumnRequest;
  /** Of the column file: text is written as int32 codes. */
  readonly fileType: Exclude<ColumnType, "utf8">;
  readonly expression: ColumnExpression;
  readonly labels: readonly string[] | null;
}

/** Decides how each column is read; of text columns the labels are looked up first. */
export async function planColumns(
  version: DatasetVersion,
  files: readonly DatasetFile[],
  where: string,
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
      const labels = await labelsOf(version, files, where, request.name, database);
      plans.push({ request, fileType: "int32", expression: codeExpression(request.name, labels), labels });
    }
  }
  return plans;
}

/** Select list and byte widths of some columns; a column with nulls of its own takes two places. */
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
  files: readonly DatasetFile[],
  where: string,
  name: string,
  database: Database,
): Promise<string[]> {
  if (files.length === 0) return [];
  const connection = await database.instance.connect();
  try {
    const column = quoteName(name);
    const condition = where === "" ? " WHERE" : `${where} AND`;
    const result = await connection.runAndReadAll(
      `SELECT DISTINCT ${column} FROM ${fromFiles(version, files)}${condition} ${column} IS NOT NULL ORDER BY 1`,
    );
    return result.getRows().map(([label]) => String(label));
  } finally {
    connection.disconnectSync();
  }
}
