import { QuiverError } from "../../shared/errors/index.ts";
import type { SourceShape } from "./describe-source.ts";
import type { SourceGroup } from "./import-plan.ts";
import type { ImportRequest, InferredFact } from "../../shared/protocol/import.ts";
import { mapColumns } from "./map-columns.ts";
import { planTime } from "./plan-time.ts";
import { symbolByPattern, symbolOfFile } from "./symbol-of-file.ts";

/** Decides how the files of one run are read: their columns, times and symbols. */
export function planGroup(
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
      why: "it splits the first lines into the same number of fields",
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
    symbols: map.symbol === null ? symbolsOf(run, shape, request, inferred) : null,
    time,
    known,
  };
}

/** Symbols of up to this many files are reported one by one. */
const REPORTED_MAX = 10;

function symbolsOf(
  run: readonly SourceShape[],
  shape: SourceShape,
  request: ImportRequest,
  inferred: InferredFact[],
): string[] {
  const symbols = run.map((one) => symbolOf(one.file.path, shape, request));
  if (request.symbol !== undefined || request.symbolPattern !== undefined) return symbols;
  const why = "there is no symbol column, so it was taken from the file's name";
  for (const [at, { file }] of run.slice(0, REPORTED_MAX).entries()) {
    inferred.push({ fact: `symbol of ${file.path}`, value: symbols[at]!, why });
  }
  if (run.length > REPORTED_MAX) {
    const fact = `symbols of ${run.length - REPORTED_MAX} more files`;
    inferred.push({ fact, value: "from their names", why });
  }
  return symbols;
}

function symbolOf(path: string, shape: SourceShape, request: ImportRequest): string {
  if (request.symbol !== undefined) return request.symbol;
  if (request.symbolPattern !== undefined) return symbolByPattern(path, request.symbolPattern);
  const symbol = symbolOfFile(path);
  if (symbol !== undefined) return symbol;
  const columns = shape.columns.map((column) => column.name);
  throw new QuiverError(
    "import-ambiguous",
    `Cannot import ${path}: it has no symbol column (its columns are ${columns.join(", ")}), and no symbol in its name. Pass --map symbol=<column>, or --symbol <name> for all its rows, or --symbol-pattern with a group around the symbol in file names.`,
    { path, columns },
  );
}
