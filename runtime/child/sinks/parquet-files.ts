import { join } from "node:path";
import type { Sink } from "../../../shared/protocol/child-message.ts";
import type {
  FeatureColumn,
  FeatureParquetWriter,
  FeatureUnit,
} from "../feature-parquet/feature-parquet-types.ts";
import { createFeatureParquetWriter } from "../feature-parquet/feature-parquet-writer.ts";
import { createWorkspace } from "../feature-parquet/workspace.ts";
import type { SinkOptions } from "./output-batch.ts";
import type { FinishedFile } from "./unit-files.ts";

export type ParquetSinkOptions = Extract<Sink, { readonly kind: "parquet" }>;

/** The file of rows that are not settled yet. */
const LATE_FILE = "late.parquet";

/** The Parquet files that one sink writes: numbered files of settled rows, one after the other, and one of late rows. */
export interface ParquetFiles {
  /** The writer of a numbered file. Numbers must ascend: asking for one finishes the file before it. */
  settled(number: number): FeatureParquetWriter;
  late(): FeatureParquetWriter;
  /** A symbol's state after its settled rows so far; undefined if it has none here. */
  unitOf(symbol: string): FeatureUnit["previous"];
  /** Finishes all files. */
  close(): { readonly settled: readonly FinishedFile[]; readonly late: FinishedFile | null };
}

export function createParquetFiles(
  { file, codec, level }: ParquetSinkOptions,
  { outDir, tsType }: SinkOptions,
  columns: readonly FeatureColumn[],
): ParquetFiles {
  const finished: FinishedFile[] = [];
  /** Symbols of finished files. */
  const units = new Map<string, FeatureUnit["previous"]>();
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
    const summary = writer.close();
    const { checksums } = summary;
    const wordCount = checksums.length / summary.units.length;
    summary.units.forEach(({ symbol, rowCount }, i) =>
      units.set(symbol, { rowCount, checksums: checksums.subarray(i * wordCount, (i + 1) * wordCount) }),
    );
    return { file: name, summary };
  }

  return {
    settled(number) {
      if (current?.number === number) return current.writer;
      if (current !== null) finished.push(finish(current));
      current = open(nameOf(file, number), number);
      return current.writer;
    },
    late: () => (late ??= open(LATE_FILE, 0)).writer,
    unitOf: (symbol) => current?.writer.unitOf(symbol) ?? units.get(symbol),
    close() {
      if (current !== null) finished.push(finish(current));
      return { settled: finished, late: late === null ? null : finish(late) };
    },
  };
}

interface OpenFile {
  readonly file: string;
  readonly number: number;
  readonly writer: FeatureParquetWriter;
}

function nameOf(file: string, number: number): string {
  return number === 0 ? file : file.replace(".", `-${number}.`);
}
