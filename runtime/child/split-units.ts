import type { UnitRanges } from "../../shared/protocol/child-message.ts";

/** Units, and how many of each unit's output rows are settled. */
export interface SettledUnits {
  readonly units: UnitRanges;
  readonly settledRows: readonly number[];
}

/**
 * Splits units where their settled rows end, so that the saved state is as of that moment. The second half continues
 * with the state that the first half leaves. With `apart`, for functions without state, all second halves come last.
 */
export function splitUnits(
  units: UnitRanges,
  settledRows: readonly number[],
  { apart }: { readonly apart: boolean },
): SettledUnits {
  const early: Half[] = [];
  const late: Half[] = [];
  settledRows.forEach((settled, unit) => {
    const skip = units.skip[unit]!;
    const output = units.outputRowCount[unit]!;
    const cut = skip + settled;
    const isCut = settled > 0 && settled < output;
    if (settled > 0) early.push({ unit, from: 0, end: isCut ? cut : units.rowCount[unit]!, skip, settled });
    if (settled > 0 && !isCut) return;
    const half = {
      unit,
      from: isCut ? cut : 0,
      end: units.rowCount[unit]!,
      skip: isCut ? 0 : skip,
      settled: 0,
    };
    (apart ? late : early).push(half);
  });
  const halves = [...early, ...late];
  const column = (value: (half: Half) => number) => halves.map(value);
  return {
    units: {
      symbol: column(({ unit }) => units.symbol[unit]!),
      firstRow: column(({ unit, from }) => units.firstRow[unit]! + from),
      rowCount: column(({ from, end }) => end - from),
      skip: column(({ skip }) => skip),
      outputRowCount: column(({ unit, from, settled, skip }) =>
        settled > 0 ? settled : units.outputRowCount[unit]! + units.skip[unit]! - from - skip,
      ),
      ordinal: column(({ unit, from }) => units.ordinal[unit]! + from),
    },
    settledRows: column(({ settled }) => settled),
  };
}

/** Input rows `from` to `end` of a unit. */
interface Half {
  readonly unit: number;
  readonly from: number;
  readonly end: number;
  readonly skip: number;
  readonly settled: number;
}
