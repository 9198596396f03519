import { QuiverError } from "../../shared/errors/index.ts";
import type { DatasetRecord } from "../store/dataset.ts";
import type { SourceShape } from "./describe-source.ts";
import type { SourceGroup } from "./import-plan.ts";
import type { ImportRequest } from "../../shared/protocol/import.ts";
import { snakeCase } from "./map-columns.ts";

/**
 * Refuses column names for files that have names of their own, because the caller expects that the given names are
 * used. Names inherited from earlier imports are ignored instead.
 */
export function refuseIdleColumns(
  { columns }: ImportRequest,
  existing: DatasetRecord | undefined,
  shapes: readonly SourceShape[],
): void {
  if (columns === undefined || columns === existing?.defaults.columns) return;
  for (const { dialect, file, columns: found } of shapes) {
    const own = found.map(({ name }) => name);
    // Without a header these are the given names, and a header may contain the same names.
    if (own.map(lower).join() === columns.map(lower).join()) continue;
    const what =
      dialect === null ? "a Parquet file has names of its own" : "its first line reads as a header";
    const data = dialect === null ? "" : " If that line is data, put a header line above it.";
    throw new QuiverError(
      "import-ambiguous",
      `Cannot import ${file.path} with the columns ${columns.join(", ")}: ${what} (${own.join(", ")}). Leave --columns out, and rename columns with --map${renaming(own, columns)}.${data}`,
      { path: file.path, columns, header: own },
    );
  }
}

/** Refuses a symbol pattern for files with a symbol column, unless the pattern was inherited. */
export function refuseIdlePattern(
  { symbolPattern }: ImportRequest,
  existing: DatasetRecord | undefined,
  groups: readonly SourceGroup[],
): void {
  if (symbolPattern === undefined || symbolPattern === existing?.defaults.symbolPattern) return;
  for (const { map, files } of groups) {
    if (map.symbol === null) continue;
    const { path } = files[0]!;
    throw new QuiverError(
      "import-ambiguous",
      `Cannot import ${path} with the symbol pattern ${JSON.stringify(symbolPattern)}: its column ${JSON.stringify(map.symbol)} has the symbols already. Leave --symbol-pattern out; or pass --ignore ${map.symbol}, and the symbol is taken from the file's name.`,
      { path, pattern: symbolPattern, column: map.symbol },
    );
  }
}

/** A `--map` example with the first name that differs. */
function renaming(own: readonly string[], columns: readonly string[]): string {
  const at = own.findIndex((name, place) => lower(name) !== lower(columns[place] ?? name));
  const wanted = columns[at];
  return wanted === undefined ? "" : `, for example --map ${snakeCase(wanted)}=${own[at]}`;
}

function lower(name: string): string {
  return name.trim().toLowerCase();
}
