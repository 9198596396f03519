import type { DuckDBConnection } from "@duckdb/node-api";
import { QuiverError } from "../../shared/errors/index.ts";
import type { DatasetKind } from "../../shared/protocol/dataset-kind.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import { assertFits } from "./assert-fits.ts";
import { assertTimesOfDay } from "./assert-times-of-day.ts";
import { isNullText } from "./column-types.ts";
import type { SourceShape } from "./describe-source.ts";
import { groupAlike } from "./group-sources.ts";
import { PRICES, type ImportPlan, type PlannedTime, type SourceGroup } from "./import-plan.ts";
import type { ImportRequest, InferredFact } from "../../shared/protocol/import.ts";
import type { ColumnMap } from "./map-columns.ts";
import { planGroup } from "./plan-group.ts";
import { isAtMidnight } from "./plan-time.ts";
import { planValues } from "./plan-values.ts";

/** Decides how every file is read, from its first rows, the request, and the existing dataset. */
export async function planImport(
  connection: DuckDBConnection,
  shapes: readonly SourceShape[],
  request: ImportRequest,
  existing: DatasetRecord | undefined,
  inferred: InferredFact[],
): Promise<ImportPlan> {
  const runs = groupAlike(shapes, request);
  const groups: SourceGroup[] = [];
  let firstFile = 0;
  for (const run of runs) {
    groups.push(planGroup(run, firstFile, request, inferred));
    firstFile += run.length;
  }
  const kind = decideKind(groups, request, existing, inferred);
  const daily =
    kind !== "attributes" && (await decideDaily(connection, runs, groups, request, existing, inferred));
  const values = planValues(runs, groups, kind, request, existing);
  const bitemporal = decideBitemporal(groups);
  assertFits(groups, kind, daily, bitemporal, values, existing);
  return {
    kind,
    daily,
    bitemporal,
    values,
    groups: kind === "attributes" ? groups.map((group) => ({ ...group, time: null, known: null })) : groups,
    priceScale: request.priceScale ?? null,
    sourceTimezone: decideSourceTimezone(runs, groups, daily, request, existing, inferred),
  };
}

function decideKind(
  groups: readonly SourceGroup[],
  request: ImportRequest,
  existing: DatasetRecord | undefined,
  inferred: InferredFact[],
): DatasetKind {
  const given = request.kind ?? existing?.kind;
  const timeless = groups.find((group) => group.time === null);
  if (given !== undefined && given !== "attributes" && timeless !== undefined) throw noTime(timeless);
  if (given !== undefined) return given;
  if (timeless !== undefined) {
    // A table of attributes has a symbol and no time. Bars whose time was not recognised are not such a table, nor is a
    // file of plain text.
    if (hasPrices(timeless.map) || timeless.map.symbol === null) throw noTime(timeless);
    inferred.push({ fact: "kind", value: "attributes", why: "no column holds a time" });
    return "attributes";
  }
  const kind = groups.some((group) => hasPrices(group.map)) ? "bars" : "series";
  inferred.push({
    fact: "kind",
    value: kind,
    why: kind === "bars" ? "there are columns of prices" : "no column is an open, high, low or close",
  });
  return kind;
}

function hasPrices(map: ColumnMap): boolean {
  return map.values.some(({ name }) => PRICES.includes(name));
}

function noTime(group: SourceGroup): QuiverError {
  const { path } = group.files[0]!;
  const columns = group.columns.map((column) => column.name).join(", ");
  return new QuiverError(
    "import-ambiguous",
    `Cannot import ${path}: it has no column for the event time (its columns are ${columns}). Pass --map ts=<column>, or --map ts=<date>+<time> if two columns hold it.`,
    { path },
  );
}

async function decideDaily(
  connection: DuckDBConnection,
  runs: readonly (readonly SourceShape[])[],
  groups: readonly SourceGroup[],
  request: ImportRequest,
  existing: DatasetRecord | undefined,
  inferred: InferredFact[],
): Promise<boolean> {
  const given = request.intervalSeconds ?? existing?.clocks?.intervalSeconds;
  const midnights: boolean[] = [];
  for (const [at, group] of groups.entries()) {
    midnights.push(
      await isAtMidnight(connection, runs[at]!, group.time, request.timezone ?? existing?.clocks?.timezone),
    );
  }
  const atMidnight = midnights.every(Boolean);
  if (given === "1d") return true;
  const first = groups[0]!;
  if (given !== undefined) {
    assertTimesOfDay(given, runs, groups, atMidnight, existing);
    return false;
  }
  if (atMidnight) {
    inferred.push({
      fact: "interval",
      value: "1d",
      why: first.time!.format.kind === "date" ? "the event time is a date" : "every event time is midnight",
    });
  }
  return atMidnight;
}

function decideSourceTimezone(
  runs: readonly (readonly SourceShape[])[],
  groups: readonly SourceGroup[],
  daily: boolean,
  request: ImportRequest,
  existing: DatasetRecord | undefined,
  inferred: InferredFact[],
): string | null {
  const naive = (time: PlannedTime | null) => time?.format.kind === "naive";
  const at = groups.findIndex((group) => (!daily && naive(group.time)) || naive(group.known));
  if (at < 0) return null;
  if (request.timezone !== undefined) return request.timezone;
  const stored = existing?.defaults.timezone;
  if (stored !== undefined) {
    inferred.push({
      fact: "timezone of the times",
      value: stored,
      why: "the dataset's earlier files used it",
    });
    return stored;
  }
  const group = groups[at]!;
  const time = !daily && naive(group.time) ? group.time! : group.known!;
  const column = group.columns.findIndex(({ name }) => name === time.sources[0]);
  const example = runs[at]!.flatMap((shape) => shape.sample.map((row) => row[column])).find(
    (v) => !isNullText(v ?? null),
  );
  throw new QuiverError(
    "timezone-needed",
    `Cannot import ${group.files[0]!.path}: the times in its column ${JSON.stringify(time.sources.join("+"))} have no zone (for example ${JSON.stringify(example ?? "")}). Pass the zone they are written in, for example --tz America/New_York, --tz Asia/Shanghai or --tz UTC.`,
    { path: group.files[0]!.path, column: time.sources.join("+"), example: example ?? null },
  );
}

function decideBitemporal(groups: readonly SourceGroup[]): boolean {
  const first = groups[0]!;
  const other = groups.find((group) => (group.known === null) !== (first.known === null));
  if (other !== undefined) {
    throw new QuiverError(
      "import-ambiguous",
      `Cannot import ${first.files[0]!.path} together with ${other.files[0]!.path}: one of them has a known time and the other has none. Import them into separate datasets.`,
      {},
    );
  }
  return first.known !== null;
}
