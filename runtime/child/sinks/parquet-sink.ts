import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import type { Sink } from "../../../shared/protocol/child-message.ts";
import { checksumsPerUnit, encodeUnitFacts, type FileFacts } from "../../../shared/row-checksum/index.ts";
import type { FeatureColumn, FeatureParquetSummary } from "../feature-parquet/feature-parquet-types.ts";
import { createFeatureParquetWriter } from "../feature-parquet/feature-parquet-writer.ts";
import type { OutputBatch, OutputSink, OutputValues, SinkOptions, SinkResult } from "./output-batch.ts";

export type ParquetSinkOptions = Extract<Sink, { readonly kind: "parquet" }>;

/** Name of the file with the facts of the units. */
const UNITS_FILE = "units.bin";

/**
 * Writes batches as feature Parquet, fsynced: one file, or several where symbols are to be apart. Beside them lie the
 * facts of the files and of their units.
 */
export function createParquetSink(
  { file, codec, level, cuts = [] }: ParquetSinkOptions,
  options: SinkOptions,
): OutputSink {
  const { outDir, outputs, symbols, tsType, resume } = options;
  const columns = outputs.map(({ name, type }): FeatureColumn => {
    if (type !== "utf8") return { name, type };
    throw new QuiverError(
      "contract-broken",
      `Cannot publish the output ${JSON.stringify(name)}: it is text, and feature Parquet holds numbers, ` +
        "booleans and times. Give it as an int32 code, or invoke the function instead of publishing it.",
      { column: name },
    );
  });
  const lastTs = new Map<string, number>();
  const finished: { readonly file: string; readonly summary: FeatureParquetSummary }[] = [];
  let number = 0;
  let writer = open();

  function open() {
    return createFeatureParquetWriter({
      path: join(outDir, nameOf(file, number)),
      tsType,
      columns,
      codec: codec === "zstd" ? { name: "zstd", level } : { name: "uncompressed" },
    });
  }

  /** Symbols come in ascending order, so that files follow one another. */
  function goOnTo(next: number): void {
    if (next === number) return;
    finished.push({ file: nameOf(file, number), summary: writer.close() });
    number = next;
    writer = open();
  }

  return {
    write(batch) {
      const { ts, units } = batch;
      if (ts === null)
        throw new Error("Only keyed results can be published: the server admitted another one");
      const values = batch.columns.map(valuesOf);
      let first = 0;
      let row = 0;
      while (first < units.length) {
        const target = fileOf(units[first]!.symbol, cuts);
        let end = first;
        let endRow = row;
        while (end < units.length && fileOf(units[end]!.symbol, cuts) === target) {
          endRow += units[end]!.rowCount;
          const { symbol: code, rowCount } = units[end++]!;
          if (rowCount > 0) lastTs.set(symbols[code] ?? "", Number(ts[endRow - 1]));
        }
        goOnTo(target);
        writer.write({
          units: units.slice(first, end).map(({ symbol: code, rowCount }) => {
            const symbol = symbols[code] ?? "";
            const previous = resume?.previousOf(symbol);
            return { symbol, rowCount, ...(previous === undefined ? {} : { previous }) };
          }),
          ts: ts.subarray(row, endRow),
          columns: values.map((column) => rowsOf(column, row, endRow)),
        });
        first = end;
        row = endRow;
      }
    },
    close(states = new Float64Array(0)) {
      finished.push({ file: nameOf(file, number), summary: writer.close() });
      return writeFacts(finished, { outDir, lastTs, states, columnCount: outputs.length });
    },
  };
}

function nameOf(file: string, number: number): string {
  return number === 0 ? file : file.replace(".", `-${number}.`);
}

/** How many cuts lie before a symbol, or at it. */
function fileOf(code: number, cuts: readonly number[]): number {
  let count = 0;
  while (count < cuts.length && cuts[count]! <= code) count++;
  return count;
}

function valuesOf(column: OutputBatch["columns"][number]): OutputValues {
  if ("text" in column) throw new Error("Text reached the Parquet sink although it was refused before");
  return column;
}

function rowsOf({ values, valid }: OutputValues, from: number, end: number): OutputValues {
  const view = values.subarray(from, end);
  return valid === undefined ? { values: view } : { values: view, valid: valid.subarray(from, end) };
}

interface Facts {
  readonly outDir: string;
  readonly lastTs: ReadonlyMap<string, number>;
  readonly states: Float64Array;
  readonly columnCount: number;
}

function writeFacts(
  finished: readonly { readonly file: string; readonly summary: FeatureParquetSummary }[],
  { outDir, lastTs, states, columnCount }: Facts,
): SinkResult {
  const units = finished.flatMap(({ summary }) => summary.units);
  const words = new Uint32Array(finished.reduce((sum, { summary }) => sum + summary.checksums.length, 0));
  let at = 0;
  for (const { summary } of finished) {
    words.set(summary.checksums, at);
    at += summary.checksums.length;
  }
  const files = finished.map(({ file, summary }): FileFacts => ({
    file,
    rowCount: summary.rowCount,
    firstSymbol: summary.units[0]?.symbol ?? "",
    lastSymbol: summary.units.at(-1)?.symbol ?? "",
    nullCounts: summary.columns.map(({ nullCount }) => nullCount),
    infCounts: summary.columns.map(({ infCount }) => infCount),
    firstTs: summary.firstTs === undefined ? null : Number(summary.firstTs),
    lastTs: summary.lastTs === undefined ? null : Number(summary.lastTs),
  }));
  const facts = {
    symbols: units.map(({ symbol }) => symbol),
    rowCounts: units.map(({ rowCount }) => rowCount),
    lastTs: units.map(({ symbol }) => lastTs.get(symbol) ?? 0),
    wordCount: checksumsPerUnit(columnCount),
    words,
    stateLength: units.length === 0 ? 0 : states.length / units.length,
    states,
  };
  writeFileSync(join(outDir, UNITS_FILE), encodeUnitFacts(facts, { files }));
  const sums = (counts: (file: FileFacts) => readonly number[], column: number) =>
    files.reduce((sum, one) => sum + (counts(one)[column] ?? 0), 0);
  return {
    files: finished.map(({ file, summary }) => ({
      file,
      byteLength: summary.byteLength,
      sha256: summary.sha256 ?? null,
    })),
    columns: finished[0]!.summary.columns.map(({ name }, i) => ({
      name,
      nullCount: sums((one) => one.nullCounts, i),
      infCount: sums((one) => one.infCounts, i),
    })),
    batches: [],
    checksumFile: UNITS_FILE,
  };
}
