import type { ColumnType } from "../../shared/contract/columns.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { DatasetKind } from "../../shared/protocol/dataset-kind.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { columnTypeOf, commonType, textColumnType } from "./column-types.ts";
import type { SourceShape } from "./describe-source.ts";
import { PRICES, SCALED, type PlannedValue, type SourceGroup } from "./import-plan.ts";
import type { ImportRequest } from "../../shared/protocol/import.ts";

/** The value columns with their types: those of the dataset, or else types that hold the values of all files. */
export function planValues(
  runs: readonly (readonly SourceShape[])[],
  groups: readonly SourceGroup[],
  kind: DatasetKind,
  request: ImportRequest,
  existing: DatasetRecord | undefined,
): PlannedValue[] {
  const types = new Map<string, ColumnType>();
  for (const [at, group] of groups.entries()) {
    for (const { name, source } of group.map.values) {
      const type = valueType(runs[at]!, group, name, source, request);
      const before = types.get(name);
      types.set(name, before === undefined ? type : commonType(before, type));
    }
  }
  const stored = new Map(existing?.columns.map((column) => [column.name, column.type]));
  const values = [...types].map(([name, type]) => ({ name, type: stored.get(name) ?? type }));
  if (kind === "bars") {
    const text = values.find(({ name, type }) => PRICES.includes(name) && !/^(float|int)/.test(type));
    if (text !== undefined) {
      const { path } = groups[0]!.files[0]!;
      throw new QuiverError(
        "import-ambiguous",
        `Cannot import ${path}: its ${text.name} has the type ${text.type}. Expected numbers; pass --map ${text.name}=<column> or --separator.`,
        { path, column: text.name, type: text.type },
      );
    }
  }
  return values;
}

function valueType(
  run: readonly SourceShape[],
  group: SourceGroup,
  name: string,
  source: string,
  request: ImportRequest,
): ColumnType {
  const at = group.columns.findIndex((column) => column.name === source);
  const isScaled = request.priceScale !== undefined && SCALED.includes(name);
  if (group.dialect !== null) {
    const sample = run.slice(0, 20).flatMap((shape) => shape.sample.map((row) => row[at] ?? null));
    return textColumnType(sample, [...SCALED, "volume"].includes(name));
  }
  const type = columnTypeOf(group.files[0]!.path, source, group.columns[at]!.type);
  return isScaled ? "float64" : type;
}
