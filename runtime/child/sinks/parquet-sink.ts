import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import { checksumsPerUnit, encodeUnitFacts } from "../../../shared/row-checksum/index.ts";
import type { FeatureColumn } from "../feature-parquet/feature-parquet-types.ts";
import { createFeatureParquetWriter } from "../feature-parquet/feature-parquet-writer.ts";
import type { OutputSink, SinkOptions } from "./output-batch.ts";

export interface ParquetSinkOptions {
  readonly file: string;
  readonly codec: "zstd" | "uncompressed";
  readonly level: number;
}

/** Name of the file with the facts of the units. */
const UNITS_FILE = "units.bin";

/** Writes batches as one feature Parquet file, fsynced, with the facts of its units beside it. */
export function createParquetSink(
  { file, codec, level }: ParquetSinkOptions,
  options: SinkOptions,
): OutputSink {
  const { outDir, outputs, symbols, tsType, resume } = options;
  const lastTs = new Map<string, number>();
  const writer = createFeatureParquetWriter({
    path: join(outDir, file),
    tsType,
    columns: outputs.map(({ name, type }): FeatureColumn => {
      if (type !== "utf8") return { name, type };
      throw new QuiverError(
        "contract-broken",
        `Cannot publish the output ${JSON.stringify(name)}: it is text, and feature Parquet holds numbers, ` +
          "booleans and times. Give it as an int32 code, or invoke the function instead of publishing it.",
        { column: name },
      );
    }),
    codec: codec === "zstd" ? { name: "zstd", level } : { name: "uncompressed" },
  });
  return {
    write(batch) {
      if (batch.ts === null)
        throw new Error("Only keyed results can be published: the server admitted another one");
      let row = 0;
      writer.write({
        units: batch.units.map(({ symbol: code, rowCount }) => {
          const symbol = symbols[code] ?? "";
          row += rowCount;
          if (rowCount > 0) lastTs.set(symbol, Number(batch.ts?.[row - 1]));
          const previous = resume?.previousOf(symbol);
          return { symbol, rowCount, ...(previous === undefined ? {} : { previous }) };
        }),
        ts: batch.ts,
        columns: batch.columns.map((column) => {
          if ("text" in column)
            throw new Error("Text reached the Parquet sink although it was refused before");
          return column;
        }),
      });
    },
    close(states = new Float64Array(0)) {
      const summary = writer.close();
      const facts = encodeUnitFacts({
        symbols: summary.units.map(({ symbol }) => symbol),
        rowCounts: summary.units.map(({ rowCount }) => rowCount),
        lastTs: summary.units.map(({ symbol }) => lastTs.get(symbol) ?? 0),
        wordCount: checksumsPerUnit(outputs.length),
        words: summary.checksums,
        stateLength: summary.units.length === 0 ? 0 : states.length / summary.units.length,
        states,
      });
      writeFileSync(join(outDir, UNITS_FILE), facts);
      return {
        files: [{ file, byteLength: summary.byteLength, sha256: summary.sha256 ?? null }],
        columns: summary.columns.map(({ name, nullCount, infCount }) => ({ name, nullCount, infCount })),
        batches: [],
        checksumFile: UNITS_FILE,
      };
    },
  };
}
