import { join } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import type { RowSetKey } from "../../../shared/protocol/row-set.ts";
import { datasetPaths } from "../../store/dataset-paths.ts";
import type { DatasetColumn, DatasetFile, DatasetRecord, SymbolIndex } from "../../store/dataset.ts";
import { findDataset, readSymbolIndex } from "../../store/read-dataset.ts";
import { readParquetMetadata, type ParquetMetadata } from "../parquet/parquet-metadata.ts";
import { quoteText } from "../../../shared/sql-text.ts";

/** One version of a dataset, ready for queries. */
export interface DatasetVersion {
  readonly dir: string;
  readonly record: DatasetRecord;
  readonly index: SymbolIndex;
  /** Position of each symbol in the index. */
  readonly codes: ReadonlyMap<string, number>;
  /** The footer of one of its files, read once. */
  parquetOf(file: DatasetFile): ParquetMetadata;
}

/** A cache of the versions read: `dataset.json` and the symbol index of a large dataset take milliseconds to parse. */
export interface DatasetReader {
  /** Opens a version; refuses one that the dataset no longer has. */
  open(dataset: string, version: string): DatasetVersion;
  /** Explains a failed read of its files: they were replaced meanwhile, or they are damaged. */
  explain(version: DatasetVersion, error: unknown): unknown;
}

const VERSIONS_KEPT = 8;

export function createDatasetReader(dataDir: string): DatasetReader {
  const kept = new Map<string, DatasetVersion>();
  return {
    open(dataset, version) {
      const id = `${dataset} ${version}`;
      const known = kept.get(id);
      if (known !== undefined) return known;
      const record = findDataset(dataDir, dataset);
      if (record?.fingerprint !== version) throw gone(dataset, version, record?.fingerprint);
      const index = readSymbolIndex(dataDir, record);
      const codes = new Map(index.symbols.map((symbol, code) => [symbol, code]));
      const { dir } = datasetPaths(dataDir, dataset);
      const opened = { dir, record, index, codes, parquetOf: rememberFooters(dir, dataset) };
      kept.set(id, opened);
      for (const oldest of kept.keys()) {
        if (kept.size <= VERSIONS_KEPT) break;
        kept.delete(oldest);
      }
      return opened;
    },
    explain({ record, dir }, error) {
      if (error instanceof QuiverError || !(error instanceof Error)) return error;
      // DuckDB's first line describes the error; the lines after it show our own query.
      const [message = ""] = error.message.split("\n");
      if (/not a whole number|^Conversion Error/.test(message))
        return valueMismatch(record.name, message, error);
      // The page reader reports problems with a file as a RangeError.
      const isOfFiles =
        error instanceof RangeError ||
        /ENOENT|^IO Error|^Invalid Input Error: .*(parquet|magic bytes)|corrupt/i.test(message);
      if (!isOfFiles || /no space left on device/i.test(message)) return error;
      const now = findDataset(dataDir, record.name)?.fingerprint;
      if (now !== record.fingerprint) return gone(record.name, record.fingerprint, now);
      return new QuiverError(
        "dataset-damaged",
        `Cannot read the files of dataset ${JSON.stringify(record.name)} in ${dir}: ${message}. Import its sources again into a new dataset.`,
        { dataset: record.name },
        error,
      );
    },
  };
}

function valueMismatch(dataset: string, message: string, cause: Error): QuiverError {
  const what = message.replace(/^[A-Z][A-Za-z ]*Error: /, "");
  return new QuiverError(
    "column-type-mismatch",
    `Cannot read a column of dataset ${JSON.stringify(dataset)} in the requested type: ${what}. Ask for a float64, or a wider integer.`,
    { dataset, value: what },
    cause,
  );
}

function rememberFooters(dir: string, dataset: string): (file: DatasetFile) => ParquetMetadata {
  const footers = new Map<string, ParquetMetadata>();
  return ({ path, rowCount }) => {
    const known = footers.get(path);
    if (known !== undefined) return known;
    const footer = readParquetMetadata(join(dir, path));
    if (footer.rowCount !== rowCount) throw wrongCount(dataset, [path], footer.rowCount, rowCount);
    footers.set(path, footer);
    return footer;
  };
}

/** The error for files that do not hold the number of rows in their record. */
export function wrongCount(
  dataset: string,
  paths: readonly string[],
  received: number,
  expected: number,
): QuiverError {
  return new QuiverError(
    "dataset-damaged",
    `Cannot read ${paths.slice(0, 3).join(", ")} of dataset ${JSON.stringify(dataset)}: it gave ${received} rows, but its record says ${expected}. Import the dataset's sources again into a new dataset.`,
    { dataset, files: paths, received, expected },
  );
}

/** The files that contain rows of the requested symbols (null for all), in the record's order. */
export function filesOf(record: DatasetRecord, symbols: readonly string[] | null): readonly DatasetFile[] {
  if (symbols === null) return record.files;
  return record.files.filter((file) =>
    symbols.some((symbol) => symbol >= file.firstSymbol && symbol <= file.lastSymbol),
  );
}

/** The `FROM` clause of a query over some of a dataset's files; their rows come in the given order. */
export function fromFiles(version: DatasetVersion, files: readonly DatasetFile[], extra = ""): string {
  const paths = files.map((file) => quoteText(escapeGlob(join(version.dir, file.path))));
  return `read_parquet([${paths.join(",")}], hive_partitioning=false${extra})`;
}

/** A condition that lets DuckDB skip row groups by their statistics; empty for all symbols. The symbols are sorted. */
export function whereSymbols(symbols: readonly string[] | null): string {
  if (symbols === null) return "";
  const [first] = symbols;
  const last = symbols.at(-1);
  if (first === undefined || last === undefined) return " WHERE false";
  if (symbols.length === 1) return ` WHERE symbol = ${quoteText(first)}`;
  return ` WHERE symbol >= ${quoteText(first)} AND symbol <= ${quoteText(last)} AND ${isOneOf(symbols)}`;
}

/** `IN` would become a join, which does not preserve the order of rows in the files. */
export function isOneOf(symbols: readonly string[]): string {
  return `TRY_CAST(symbol AS ENUM(${symbols.map(quoteText).join(",")})) IS NOT NULL`;
}

/** The symbols of a row set in order: the requested ones that the dataset knows, or all. */
export function symbolsOf(version: DatasetVersion, key: Pick<RowSetKey, "symbols">): readonly string[] {
  return key.symbols === null
    ? version.index.symbols
    : key.symbols.filter((symbol) => version.codes.has(symbol));
}

export function columnOf(record: DatasetRecord, name: string): DatasetColumn {
  const column = record.columns.find((candidate) => candidate.name === name);
  if (column !== undefined) return column;
  const known = record.columns.map((candidate) => candidate.name);
  throw new QuiverError(
    "unknown-column",
    `Cannot load column ${JSON.stringify(name)}: dataset ${JSON.stringify(record.name)} has ${known.join(", ")}.`,
    { dataset: record.name, column: name, known },
  );
}

/** Escapes a path, which DuckDB treats as a pattern; in brackets each special character stands for itself. */
function escapeGlob(path: string): string {
  return path.replace(/[*?[]/g, "[$&]");
}

function gone(dataset: string, version: string, now: string | undefined): QuiverError {
  const instead = now === undefined ? "the dataset is gone" : `it is now at ${now}`;
  return new QuiverError(
    "dataset-version-gone",
    `Cannot read version ${version} of dataset ${JSON.stringify(dataset)}: ${instead}. Ask again; the new version is used then.`,
    { dataset, version, now: now ?? null },
  );
}
