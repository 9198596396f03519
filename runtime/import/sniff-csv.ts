import { QuiverError } from "../../shared/errors/index.ts";

/** The layout of a text file, inferred from its beginning. */
export interface CsvDialect {
  readonly separator: string;
  /** Names from the header line, or the given names if there is no header. */
  readonly columns: readonly string[];
  /** The header line as written; null if there is none. */
  readonly header: string | null;
  /** Lines before the first row of data. */
  readonly skipLines: number;
  /** Rows for inference, each as an array of fields. */
  readonly sample: readonly (readonly string[])[];
}

const SEPARATORS = [",", ";", "\t", "|"];

/** Finds the separator and the header in the first lines of a file. What is in `given` is not inferred. */
export function sniffCsv(
  path: string,
  text: string,
  given: { separator?: string; columns?: readonly string[] },
): CsvDialect {
  const lines = text.replace(/^\uFEFF/, "").split(/\r\n|\n|\r/);
  const first = lines.findIndex((line) => line.trim() !== "");
  if (first < 0) {
    throw new QuiverError(
      "source-empty",
      `Cannot import ${path}: it contains only blank lines. Expected rows.`,
      { path },
    );
  }
  const filled = lines.slice(first).filter((line) => line.trim() !== "");
  const separator = given.separator ?? findSeparator(filled);
  const fields = splitFields(filled[0]!, separator).map((field) => field.trim());
  const hasHeader = looksLikeHeader(fields, given.columns);
  if (!hasHeader && given.columns === undefined) {
    throw new QuiverError(
      "import-ambiguous",
      `Cannot import ${path}: its first line is data (${quote(filled[0]!)}), so its columns have no names. Pass them in order, for example --columns symbol,ts,open,high,low,close,volume.`,
      { path, firstLine: filled[0]! },
    );
  }
  const columns = hasHeader ? fields : (given.columns ?? []);
  assertNames(path, columns);
  if (!hasHeader && fields.length !== columns.length) {
    throw new QuiverError(
      "import-ambiguous",
      `Cannot import ${path}: its first line has ${fields.length} fields (${quote(filled[0]!)}), but ${columns.length} columns were given (${columns.join(", ")}).`,
      { path, fields: fields.length, columns },
    );
  }
  const rows = filled.slice(hasHeader ? 1 : 0);
  return {
    separator,
    columns,
    header: hasHeader ? filled[0]! : null,
    skipLines: hasHeader ? first + 1 : first,
    sample: rows.map((row) => splitFields(row, separator)).filter((row) => row.length === columns.length),
  };
}

/** The fields of one line. A field in double quotes may contain the separator and doubled quotes. */
export function splitFields(line: string, separator: string): string[] {
  if (!line.includes('"')) return line.split(separator);
  const fields: string[] = [];
  for (let at = 0; at <= line.length;) {
    const quoted = line[at] === '"' ? /^"((?:[^"]|"")*)"/.exec(line.slice(at)) : null;
    const next = line.indexOf(separator, quoted === null ? at : at + quoted[0].length);
    const end = next < 0 ? line.length : next;
    fields.push(quoted === null ? line.slice(at, end) : quoted[1]!.replaceAll('""', '"'));
    at = end + separator.length;
  }
  return fields;
}

/** The separator that splits the most lines into the same number of fields. */
function findSeparator(lines: readonly string[]): string {
  const score = (separator: string) => {
    const counts = lines.slice(0, 100).map((line) => splitFields(line, separator).length);
    const usual = counts[0]!;
    return usual < 2 ? 0 : usual * counts.filter((count) => count === usual).length;
  };
  return SEPARATORS.toSorted((a, b) => score(b) - score(a))[0]!;
}

/** A line is a header if it equals the given names, or if none of its fields begins like a number or a date. */
function looksLikeHeader(fields: readonly string[], columns: readonly string[] | undefined): boolean {
  const names = fields.map((field) => field.toLowerCase());
  if (columns !== undefined && columns.length === names.length) {
    const wanted = columns.map((column) => column.toLowerCase());
    if (names.every((name, at) => name === wanted[at])) return true;
  }
  return (
    fields.every((field) => field === "" || !/^[-+]?\.?\d/.test(field)) &&
    fields.some((field) => field !== "")
  );
}

function assertNames(path: string, columns: readonly string[]): void {
  const twice = columns.find((name, at) => columns.indexOf(name) !== at);
  if (twice !== undefined) {
    throw new QuiverError(
      "import-ambiguous",
      `Cannot import ${path}: the column name ${JSON.stringify(twice)} appears twice in its header (${columns.join(", ")}). Expected different names.`,
      { path, columns },
    );
  }
}

function quote(line: string): string {
  return JSON.stringify(line.length > 80 ? `${line.slice(0, 80)}…` : line);
}
