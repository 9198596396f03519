import type { FeatureUnit } from "./feature-parquet-types.ts";

/** Rows `from` to `to` of a batch, all of one unit. */
export interface Segment {
  readonly unit: FeatureUnit;
  readonly from: number;
  readonly to: number;
}

/** Assigns whole units to row groups; a unit with more rows than fit gets its own row groups and is cut. */
export function cutRowGroups(units: readonly FeatureUnit[], rowCountMax: number): Segment[][] {
  const groups: Segment[][] = [];
  let group: Segment[] = [];
  let groupRows = 0;
  let row = 0;
  const end = () => {
    if (group.length > 0) groups.push(group);
    group = [];
    groupRows = 0;
  };
  for (const unit of units) {
    const unitEnd = row + unit.rowCount;
    const isLong = unit.rowCount > rowCountMax;
    if (groupRows + unit.rowCount > rowCountMax) end();
    while (row < unitEnd) {
      const to = Math.min(unitEnd, row + rowCountMax - groupRows);
      group.push({ unit, from: row, to });
      groupRows += to - row;
      row = to;
      if (groupRows === rowCountMax) end();
    }
    if (isLong) end();
  }
  end();
  return groups;
}
