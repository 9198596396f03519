import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { QuiverError } from "../../../shared/errors/index.ts";
import type { FeatureColumn } from "../feature-parquet/feature-parquet-types.ts";
import { createFeatureParquetWriter } from "../feature-parquet/feature-parquet-writer.ts";
import type { OutputSink, SinkOptions } from "./output-batch.ts";

export interface ParquetSinkOptions {
  readonly file: string;
  readonly codec: "zstd" | "uncompressed";
  readonly level: number;
}

/** Name of the file that holds what row checksums are made of. */
export const CHECKSUM_FILE = "checksums.json";

/** Writes batches as one feature Parquet file, fsynced, with what its row checksum is made of beside it. */
export function createParquetSink(
  { file, codec, level }: ParquetSinkOptions,
  options: SinkOptions,
): OutputSink {
  const { outDir, outputs, symbols, tsType } = options;
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
      writer.write({
        units: batch.units.map(({ symbol, rowCount }) => ({ symbol: symbols[symbol] ?? "", rowCount })),
        ts: batch.ts,
        columns: batch.columns.map((column) => {
          if ("text" in column)
            throw new Error("Text reached the Parquet sink although it was refused before");
          return column;
        }),
      });
    },
    close() {
      const summary = writer.close();
      const units = summary.units.map(({ symbol, rowCount }) => ({ symbol, rowCount }));
      const checksums = Array.from(summary.checksums);
      writeFileSync(join(outDir, CHECKSUM_FILE), JSON.stringify({ units, checksums }));
      return {
        files: [{ file, byteLength: summary.byteLength, sha256: summary.sha256 ?? null }],
        columns: summary.columns.map(({ name, nullCount, infCount }) => ({ name, nullCount, infCount })),
        batches: [],
        checksumFile: CHECKSUM_FILE,
      };
    },
  };
}
