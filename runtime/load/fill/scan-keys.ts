import type { Database } from "../../engine/database.ts";
import { quoteText } from "../../../shared/sql-text.ts";
import { columnOf, fromFiles, type DatasetVersion } from "./dataset-reader.ts";
import { fileRuns, type RowSelection } from "./row-selection.ts";
import { hasDirectKeys, scanKeysDirectly, type ScannedRows } from "./scan-keys-directly.ts";
import { UnreadablePage } from "../parquet/read-pages.ts";
import { receiveRows, runQuery } from "./scan.ts";

/** The rows that are wanted. */
export interface KeyFilter extends RowSelection {
  /** False if the condition involves more than symbols, so that only DuckDB can evaluate it. True when left out. */
  readonly pagesTell?: boolean;
  /** In order: a row's code is the position of its symbol here. */
  readonly symbols: readonly string[];
  /** Rows that became known later get no code. */
  readonly asOfMicros: number | null;
  /** Rows with a later event time get no code; this implements `asOf` for datasets without known times. */
  readonly lastTs: number | null;
}

/** Reads symbol, event time and known time of stored rows, in file order. */
export async function scanKeys(
  version: DatasetVersion,
  filter: KeyFilter,
  database: Database,
  signal: AbortSignal,
): Promise<ScannedRows> {
  const { record, index, codes: codeOf } = version;
  // A few symbols cannot have more rows than the index counts, however large their files are.
  const stored = rowsOfFiles(filter);
  const total =
    filter.where === ""
      ? stored
      : Math.min(
          stored,
          filter.symbols.reduce((sum, symbol) => sum + (index.rowCounts[codeOf.get(symbol) ?? -1] ?? 0), 0),
        );
  if (filter.pagesTell !== false && hasDirectKeys(version, filter.files)) {
    try {
      return await scanKeysDirectly(version, filter, total, signal);
    } catch (error) {
      if (!(error instanceof UnreadablePage)) throw error;
    }
  }
  // Attributes have no time: all their rows belong to one moment.
  const tsType = record.eventTime === null ? null : columnOf(record, "ts").type;
  const hasKnownTime = record.knownTime !== null;
  const codes = new Int32Array(total);
  const ts = tsType === "timestamp" ? new Float64Array(total) : new Int32Array(total);
  const knownAt = hasKnownTime ? new Float64Array(total) : null;
  // An ENUM's codes are the only way to get text as numbers without a look-up per row.
  const code =
    filter.symbols.length === 0
      ? "CAST(-1 AS INTEGER)"
      : `coalesce(enum_code(TRY_CAST(symbol AS ENUM(${filter.symbols.map(quoteText).join(",")})))::INTEGER, -1)`;
  const isVisible = [
    ...(hasKnownTime && filter.asOfMicros !== null ? [`epoch_us(known_at) <= ${filter.asOfMicros}`] : []),
    ...(filter.firstTs === undefined
      ? []
      : [`${tsType === "date32" ? DAYS : "epoch_us(ts)"} >= ${filter.firstTs}`]),
    ...(filter.lastTs !== null ? [`${tsType === "date32" ? DAYS : "epoch_us(ts)"} <= ${filter.lastTs}`] : []),
  ].join(" AND ");
  const select = [
    isVisible === "" ? code : `CASE WHEN ${isVisible} THEN ${code} ELSE -1 END`,
    tsType === null ? "CAST(0 AS INTEGER)" : tsType === "date32" ? "ts" : "epoch_us(ts)::DOUBLE",
    ...(hasKnownTime ? ["epoch_us(known_at)::DOUBLE"] : []),
  ];
  const tsBytes = new Uint8Array(ts.buffer);
  const byteWidths = [4, ts.BYTES_PER_ELEMENT, 8].slice(0, select.length);
  let row = 0;
  for (const { files, where } of fileRuns(filter)) {
    const sql = `SELECT ${select.join(", ")} FROM ${fromFiles(version, files)}${where}`;
    const result = await database.withConnection(signal, (connection) => runQuery(connection, sql));
    receiveRows(result, byteWidths, (rowCount, [codeBytes, timeBytes, knownBytes]) => {
      new Uint8Array(codes.buffer).set(codeBytes!, row * 4);
      tsBytes.set(timeBytes!, row * ts.BYTES_PER_ELEMENT);
      if (knownAt !== null) new Uint8Array(knownAt.buffer).set(knownBytes!, row * 8);
      row += rowCount;
    });
    signal.throwIfAborted();
  }
  return { rowCount: row, codes, ts, knownAt, storedRows: null };
}

function rowsOfFiles({ files, elsewhere }: RowSelection): number {
  const here = files.reduce((sum, file) => sum + file.rowCount, 0);
  return elsewhere === undefined ? here : here + rowsOfFiles(elsewhere);
}

const DAYS = "(ts - DATE '1970-01-01')";
