import type { DuckDBConnection } from "@duckdb/node-api";
import type { ColumnType } from "../../shared/contract/columns.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { DatasetKind, DatasetRecord } from "../store/dataset.ts";
import { columnTypeOf, commonType, isNullText, textColumnType } from "./column-types.ts";
import type { SourceShape } from "./describe-source.ts";
import {
  PRICES,
  SCALED,
  type ImportPlan,
  type PlannedTime,
  type PlannedValue,
  type SourceGroup,
} from "./import-plan.ts";
import type { InferredFact } from "./import-report.ts";
import type { ImportRequest } from "./import-request.ts";
import { mapColumns, type ColumnMap } from "./map-columns.ts";
import { symbolByPattern, symbolOfFile } from "./symbol-of-file.ts";
import { isAtMidnight, planTime } from "./plan-time.ts";

/** Decides how every file is read, from their first rows, the request, and the dataset there may be. */
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
    groups.push(planGroup(run, firstFile, request, firstFile === 0 ? inferred : []));
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

/** Runs of files with the same columns and layout: 2,000 daily files are one scan. */
function groupAlike(shapes: readonly SourceShape[], request: ImportRequest): (readonly SourceShape[])[] {
  const runs: SourceShape[][] = [];
  let last = "";
  for (const shape of shapes) {
    const { dialect, columns, file } = shape;
    const own = dialect === null ? null : [dialect.separator, dialect.skipLines, dialect.header];
    // Formats of time are found file by file, so files of different forms must not share a scan.
    const forms = shape.sample[0]?.map((value) => (value ?? "").replace(/\d/g, "9").slice(0, 24));
    const key = JSON.stringify([
      file.format,
      own,
      columns,
      dialect === null
        ? null
        : timeForm(
            file.path,
            columns.map((c) => c.name),
            forms,
            request,
          ),
    ]);
    if (key === last) runs.at(-1)!.push(shape);
    else runs.push([shape]);
    last = key;
  }
  return runs;
}

/** The look of the first row's time, digits made alike. */
function timeForm(
  path: string,
  columns: readonly string[],
  forms: readonly string[] | undefined,
  request: ImportRequest,
): string | null {
  if (forms === undefined) return null;
  const map = mapColumns(path, columns, request, []);
  return [...map.ts, ...(map.knownAt === null ? [] : [map.knownAt])]
    .map((name) => forms[columns.indexOf(name)] ?? "")
    .join("|");
}

function planGroup(
  run: readonly SourceShape[],
  firstFile: number,
  request: ImportRequest,
  inferred: InferredFact[],
): SourceGroup {
  const shape = run.find((one) => one.sample.length > 0) ?? run[0]!;
  const { path } = shape.file;
  if (shape.dialect !== null && request.separator === undefined) {
    inferred.push({
      fact: "separator",
      value: JSON.stringify(shape.dialect.separator),
      why: "it cuts the first lines into equally many fields",
    });
  }
  const map = mapColumns(
    path,
    shape.columns.map((column) => column.name),
    request,
    inferred,
  );
  const time =
    map.ts.length === 0 ? null : planTime(shape, map.ts, request.timeFormat, "event time", inferred);
  const known =
    map.knownAt === null ? null : planTime(shape, [map.knownAt], undefined, "known time", inferred);
  return {
    files: run.map((one) => one.file),
    firstFile,
    columns: shape.columns,
    dialect: shape.dialect,
    map,
    symbols:
      map.symbol === null ? run.map((one) => symbolFor(one.file.path, shape, request, inferred)) : null,
    time,
    known,
  };
}

function symbolFor(
  path: string,
  shape: SourceShape,
  request: ImportRequest,
  inferred: InferredFact[],
): string {
  if (request.symbol !== undefined) return request.symbol;
  if (request.symbolPattern !== undefined) return symbolByPattern(path, request.symbolPattern);
  const symbol = symbolOfFile(path);
  if (symbol === undefined) {
    const columns = shape.columns.map((column) => column.name).join(", ");
    throw new QuiverError(
      "import-ambiguous",
      `Cannot import ${path}: none of its columns is the symbol (${columns}), and its name shows none. Pass --map symbol=<column>, or --symbol <name> for all its rows, or --symbol-pattern with a group around the symbol in file names.`,
      { path, columns: shape.columns.map((column) => column.name) },
    );
  }
  inferred.push({
    fact: `symbol of ${path}`,
    value: symbol,
    why: "there is no symbol column; taken from the file's name",
  });
  return symbol;
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
    // A table of attributes has no time; a file of bars whose time was not recognised is not one.
    if (hasPrices(timeless.map)) throw noTime(timeless);
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
    `Cannot import ${path}: none of its columns is the event time (${columns}). Pass --map ts=<column>, or --map ts=<date>+<time> where it stands in two.`,
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
    if (!atMidnight || (runs[0]?.[0]?.sample.length ?? 0) < 2) return false;
    throw new QuiverError(
      "time-of-day-lost",
      `Cannot import ${first.files[0]!.path} as bars of ${given} seconds: every time in ${first.time!.sources.join("+")} is midnight. A date64 column loses its minutes in Parquet: write it as a timestamp, or pass --interval 1d for daily bars.`,
      { path: first.files[0]!.path, intervalSeconds: given },
    );
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

function planValues(
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
        `Cannot import ${path}: its ${text.name} is ${text.type}. Expected numbers; pass --map ${text.name}=<column> or --separator.`,
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

function decideBitemporal(groups: readonly SourceGroup[]): boolean {
  const first = groups[0]!;
  const other = groups.find((group) => (group.known === null) !== (first.known === null));
  if (other !== undefined) {
    throw new QuiverError(
      "import-ambiguous",
      `Cannot import ${first.files[0]!.path} together with ${other.files[0]!.path}: one of them has a known time and the other has none. Import them into datasets of their own.`,
      {},
    );
  }
  return first.known !== null;
}

/** All files, and the dataset there is, must agree on what a row is. */
function assertFits(
  groups: readonly SourceGroup[],
  kind: DatasetKind,
  daily: boolean,
  bitemporal: boolean,
  values: readonly PlannedValue[],
  existing: DatasetRecord | undefined,
): void {
  const wanted = existing === undefined ? values.map((value) => value.name) : valueNames(existing);
  const owner = existing === undefined ? "the files beside it" : `the dataset ${existing.name}`;
  for (const group of groups) {
    const names = group.map.values.map((value) => value.name);
    const missing = wanted.filter((name) => !names.includes(name));
    const extra = names.filter((name) => !wanted.includes(name));
    if (missing.length === 0 && extra.length === 0) continue;
    const parts = [
      ...(missing.length === 0 ? [] : [`it lacks ${missing.join(", ")}`]),
      ...(extra.length === 0 ? [] : [`it has ${extra.join(", ")} besides`]),
    ];
    throw new QuiverError(
      "dataset-conflict",
      `Cannot import ${group.files[0]!.path}: its columns are not those of ${owner}: ${parts.join(", and ")}. Map columns with --map, leave some out with --ignore, or import it into a dataset of its own.`,
      { path: group.files[0]!.path, missing, extra },
    );
  }
  if (existing === undefined) return;
  const conflict = (what: string, has: string, given: string) =>
    new QuiverError(
      "dataset-conflict",
      `Cannot import ${groups[0]!.files[0]!.path} into the dataset ${existing.name}: the dataset has ${has}, the file ${given}. Import it into a dataset of its own.`,
      { dataset: existing.name, what },
    );
  if (kind !== existing.kind)
    throw conflict("kind", `rows of the kind ${existing.kind}`, `rows of the kind ${kind}`);
  if (bitemporal !== (existing.knownTime !== null)) {
    throw conflict(
      "knownTime",
      existing.knownTime === null ? "no known time" : "a known time",
      bitemporal ? "has one" : "has none",
    );
  }
  if (existing.clocks !== null && daily !== (existing.clocks.intervalSeconds === "1d")) {
    throw conflict("interval", daily ? "intraday times" : "daily dates", daily ? "dates" : "times of day");
  }
}

function valueNames(record: DatasetRecord): string[] {
  return record.columns
    .map((column) => column.name)
    .filter((name) => !["symbol", "ts", "known_at"].includes(name));
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
      why: "the dataset's earlier files were in it",
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
