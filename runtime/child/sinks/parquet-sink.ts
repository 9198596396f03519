import { join } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import type { Sink } from "../../../shared/protocol/child-message.ts";
import type { FeatureColumn, FeatureUnit } from "../feature-parquet/feature-parquet-types.ts";
import { createFeatureParquetWriter } from "../feature-parquet/feature-parquet-writer.ts";
import { createWorkspace } from "../feature-parquet/workspace.ts";
import type { OutputBatch, OutputSink, OutputValues, SinkOptions } from "./output-batch.ts";
import { type FinishedFile, writeUnitFiles } from "./unit-files.ts";

export type ParquetSinkOptions = Extract<Sink, { readonly kind: "parquet" }>;

/** The file of rows that are not settled yet. */
const LATE_FILE = "late.parquet";

/**
 * Writes batches as feature Parquet, fsynced: one file, or several where symbols are to be apart, and one of late rows.
 * Beside them lie the facts of the files and of their units.
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
  const finished: FinishedFile[] = [];
  /** Where the checksums of symbols in finished files stand. */
  const settled = new Map<string, FeatureUnit["previous"]>();
  const workspace = createWorkspace();
  let current: OpenFile | null = null;
  let late: OpenFile | null = null;

  function open(name: string, number: number): OpenFile {
    const writer = createFeatureParquetWriter({
      path: join(outDir, name),
      tsType,
      columns,
      codec: codec === "zstd" ? { name: "zstd", level } : { name: "uncompressed" },
      workspace,
    });
    return { file: name, number, writer };
  }

  function finish({ file: name, writer }: OpenFile): FinishedFile {
    const one = { file: name, summary: writer.close() };
    const { units, checksums } = one.summary;
    const wordCount = checksums.length / units.length;
    units.forEach(({ symbol, rowCount }, i) =>
      settled.set(symbol, { rowCount, checksums: checksums.subarray(i * wordCount, (i + 1) * wordCount) }),
    );
    return one;
  }

  /** Symbols come in ascending order, so that files follow one another. */
  function fileFor(number: number): OpenFile {
    if (current?.number === number) return current;
    if (current !== null) finished.push(finish(current));
    current = open(nameOf(file, number), number);
    return current;
  }

  function writeRows({ writer }: OpenFile, batch: OutputBatch, run: UnitRun, previousOf: PreviousOf): void {
    const { ts, units } = batch;
    if (ts === null) throw new Error("Only keyed results can be published: the server admitted another one");
    writer.write({
      units: units.slice(run.first, run.end).map(({ symbol: code, rowCount }) => {
        const symbol = symbols[code] ?? "";
        const previous = previousOf(symbol);
        return { symbol, rowCount, ...(previous === undefined ? {} : { previous }) };
      }),
      ts: ts.subarray(run.row, run.endRow),
      columns: batch.columns.map((column) => rowsOf(valuesOf(column), run.row, run.endRow)),
    });
  }

  const resumed: PreviousOf = (symbol) => resume?.previousOf(symbol);
  const afterSettled: PreviousOf = (symbol) =>
    current?.writer.unitOf(symbol) ?? settled.get(symbol) ?? resumed(symbol);

  return {
    write(batch, isLate = false) {
      const { units, rowCount, ts } = batch;
      if (isLate) {
        late ??= open(LATE_FILE, 0);
        writeRows(late, batch, { first: 0, end: units.length, row: 0, endRow: rowCount }, afterSettled);
        return;
      }
      for (const run of runsOf(units, cuts)) {
        writeRows(fileFor(run.number), batch, run, resumed);
        let row = run.row;
        for (const { symbol, rowCount: rows } of units.slice(run.first, run.end)) {
          row += rows;
          if (rows > 0) lastTs.set(symbols[symbol] ?? "", Number(ts?.[row - 1]));
        }
      }
    },
    close(states = new Float64Array(0)) {
      if (current !== null) finished.push(finish(current));
      const lateFile = late === null ? null : finish(late);
      const facts = { settled: finished, late: lateFile, lastTs, states, columnCount: outputs.length };
      const checksumFile = writeUnitFiles(outDir, facts);
      const files = lateFile === null ? finished : [...finished, lateFile];
      const sum = (count: (one: FinishedFile) => number | undefined) =>
        files.reduce((total, one) => total + (count(one) ?? 0), 0);
      return {
        files: files.map(({ file: name, summary }) => ({
          file: name,
          byteLength: summary.byteLength,
          sha256: summary.sha256 ?? null,
        })),
        columns: columns.map(({ name }, i) => ({
          name,
          nullCount: sum(({ summary }) => summary.columns[i]?.nullCount),
          infCount: sum(({ summary }) => summary.columns[i]?.infCount),
        })),
        batches: [],
        checksumFile,
      };
    },
  };
}

interface OpenFile {
  readonly file: string;
  readonly number: number;
  readonly writer: ReturnType<typeof createFeatureParquetWriter>;
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
