import { QuiverError } from "../../shared/errors/index.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { SourceShape } from "./describe-source.ts";
import type { SourceGroup } from "./import-plan.ts";

/** Refuses intraday bars whose times are all dates or midnights. A single bar may begin at midnight. */
export function assertTimesOfDay(
  given: number,
  runs: readonly (readonly SourceShape[])[],
  groups: readonly SourceGroup[],
  atMidnight: boolean,
  existing: DatasetRecord | undefined,
): void {
  const dated = groups.findIndex(
    ({ time }, at) => time?.format.kind === "date" && runs[at]!.some((shape) => shape.sample.length > 0),
  );
  if (dated < 0 && (!atMidnight || (runs[0]?.[0]?.sample.length ?? 0) < 2)) return;
  const { files, time, columns } = groups[Math.max(dated, 0)]!;
  const sources = time!.sources.join("+");
  const column = columns.findIndex(({ name }) => name === time!.sources[0]);
  const example = runs[dated]?.flatMap((shape) => shape.sample).at(0)?.[column];
  const daily =
    existing === undefined
      ? "Pass --interval 1d for daily bars"
      : "Import daily bars into a separate dataset";
  throw new QuiverError(
    "time-of-day-lost",
    `Cannot import ${files[0]!.path} as bars of ${given} seconds: ${
      dated < 0
        ? `every time in ${sources} is midnight`
        : `its times, in ${sources}, are dates without a time of day (for example ${JSON.stringify(example ?? "")})`
    }. ${daily}; minutes need a column of timestamps (a date64 column loses its time of day in Parquet).`,
    { path: files[0]!.path, intervalSeconds: given },
  );
}
