import { QuiverError } from "../../../shared/errors/index.ts";
import type {
  FeatureColumn,
  FeatureParquetWriter,
  FeatureUnit,
} from "../feature-parquet/feature-parquet-types.ts";
import type { OutputBatch, OutputSink, OutputValues, SinkOptions, SinkResult } from "./output-batch.ts";
import { createParquetFiles, type ParquetSinkOptions } from "./parquet-files.ts";
import { type FinishedFile, writeUnitFiles } from "./unit-files.ts";

/**
 * Writes batches as feature Parquet, fsynced: to one file or to several with separate symbols, and late rows to a file
 * of their own. The facts of the files and of their units are written beside them.
 */
export function createParquetSink(sink: ParquetSinkOptions, options: SinkOptions): OutputSink {
  const { cuts = [] } = sink;
  const { outDir, outputs, symbols, resume } = options;
  const columns = outputs.map(featureColumn);
  const files = createParquetFiles(sink, options, columns);
  const lastTs = new Map<string, number>();

  function writeRows(
    writer: FeatureParquetWriter,
    batch: OutputBatch,
    run: UnitRun,
    previousOf: PreviousOf,
  ): void {
    const { ts, units } = batch;
    if (ts === null) throw new Error("Only keyed results can be published: the server admitted another one");
    writer.write({
      units: units.slice(run.first, run.end).map(({ symbol: code, rowCount }) => {
        const symbol = symbols[code] ?? "";
        const previous = previousOf(symbol);
        return previous === undefined ? { symbol, rowCount } : { symbol, rowCount, previous };
      }),
      ts: ts.subarray(run.row, run.endRow),
      columns: batch.columns.map((column) => rowsOf(valuesOf(column), run.row, run.endRow)),
    });
  }

  const resumed: PreviousOf = (symbol) => resume?.previousOf(symbol);
  const afterSettled: PreviousOf = (symbol) => files.unitOf(symbol) ?? resumed(symbol);

  return {
    write(batch, isLate = false) {
      const { units, rowCount, ts } = batch;
      if (isLate) {
        const all = { first: 0, end: units.length, row: 0, endRow: rowCount };
        writeRows(files.late(), batch, all, afterSettled);
        return;
      }
      for (const run of runsOf(units, cuts)) {
        writeRows(files.settled(run.number), batch, run, resumed);
        let row = run.row;
        for (const { symbol, rowCount: rows } of units.slice(run.first, run.end)) {
          row += rows;
          if (rows > 0) lastTs.set(symbols[symbol] ?? "", Number(ts?.[row - 1]));
        }
      }
    },
    close(states = new Float64Array(0)) {
      const { settled, late } = files.close();
      const facts = { settled, late, lastTs, states, columnCount: outputs.length };
      const checksumFile = writeUnitFiles(outDir, facts);
      return { ...resultOf(late === null ? settled : [...settled, late], columns), checksumFile };
    },
  };
}

function featureColumn({ name, type }: SinkOptions["outputs"][number]): FeatureColumn {
  if (type !== "utf8") return { name, type };
  throw new QuiverError(
    "contract-broken",
    `Cannot publish the output ${JSON.stringify(name)}: it is text, and feature Parquet holds numbers, ` +
      "booleans and times. Give it as an int32 code, or invoke the function instead of publishing it.",
    { column: name },
  );
}

function resultOf(
  files: readonly FinishedFile[],
  columns: readonly FeatureColumn[],
): Omit<SinkResult, "checksumFile"> {
  const sum = (count: (one: FinishedFile) => number | undefined) =>
    files.reduce((total, one) => total + (count(one) ?? 0), 0);
  return {
    files: files.map(({ file, summary }) => ({
      file,
      byteLength: summary.byteLength,
      sha256: summary.sha256 ?? null,
    })),
    columns: columns.map(({ name }, i) => ({
      name,
      nullCount: sum(({ summary }) => summary.columns[i]?.nullCount),
      infCount: sum(({ summary }) => summary.columns[i]?.infCount),
    })),
    batches: [],
  };
}

type PreviousOf = (symbol: string) => FeatureUnit["previous"];

/** Neighbouring units of a batch, and their rows. */
interface UnitRun {
  readonly first: number;
  readonly end: number;
  readonly row: number;
  readonly endRow: number;
}

/** Runs of units between two cuts, with the number of the file that each belongs to. */
function* runsOf(
  units: OutputBatch["units"],
  cuts: readonly number[],
): Generator<UnitRun & { readonly number: number }> {
  for (let first = 0, row = 0; first < units.length;) {
    const number = fileOf(units[first]!.symbol, cuts);
    let end = first;
    let endRow = row;
    while (end < units.length && fileOf(units[end]!.symbol, cuts) === number) {
      endRow += units[end++]!.rowCount;
    }
    yield { first, end, row, endRow, number };
    first = end;
    row = endRow;
  }
}

/** The number of cuts before a symbol, or at it. */
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
