import { closeSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { columnFileLayout } from "../../../shared/arrow/index.ts";
import type { ResolvedColumn } from "../../../shared/contract/describe.ts";
import { columnFileName } from "../../../shared/protocol/column-file-name.ts";
import { bytesOf, FileWriter } from "./file-writer.ts";
import { nullsToNaN, validBytesToBits } from "./null-scan.ts";
import { OutputCounts, type OutputSink, type OutputValues, type SinkOptions } from "./output-batch.ts";

/**
 * Writes one column file per output, without symbols and (unless the rows are the function's own) without times, for
 * another function to map as its input. Null floats stay NaN; other types get a validity bitmap if any of their rows
 * is null. Text is left out, because it is not passed between functions.
 */
export function createColumnsSink({ outDir, outputs, ownRows, tsType }: SinkOptions): OutputSink {
  const counts = new OutputCounts(outputs);
  const columns = outputs.map((output) => (output.type === "utf8" ? null : openColumn(output, outDir)));
  const times = ownRows ? openColumn({ name: "ts", type: tsType }, outDir) : null;
  return {
    write(batch) {
      if (batch.ts !== null) times?.append({ values: batch.ts }, batch.rowCount);
      columns.forEach((column, index) => {
        const output = batch.columns[index];
        if (column === null || output === undefined || "text" in output) return;
        const found = column.append(output, batch.rowCount);
        counts.add(index, found.nullCount, found.infCount);
      });
    },
    close() {
      const all = [...columns, times].filter((column) => column !== null);
      const files = all.map((column) => ({ ...column.close(), sha256: null }));
      return { files, columns: counts.facts(), batches: [], checksumFile: null };
    },
  };
}

interface OpenColumn {
  append(output: OutputValues, rowCount: number): { nullCount: number; infCount: number };
  close(): { file: string; byteLength: number };
}

function openColumn(output: Pick<ResolvedColumn, "name" | "type">, outDir: string): OpenColumn {
  const file = columnFileName(output.name);
  const path = join(outDir, file);
  const writer = new FileWriter(path);
  // The header's length depends only on name and type: leave room, and write it once the rows are counted.
  const { dataOffset } = columnFileLayout({ name: output.name, type: output.type, rowCount: 0 });
  writer.padTo(dataOffset);
  const validBatches: Uint8Array[] = [];
  let rows = 0;
  let nulls = 0;
  return {
    append({ values, valid }, rowCount) {
      const found = { nullCount: 0, infCount: 0 };
      if (values instanceof Float64Array || values instanceof Float32Array) nullsToNaN(values, found);
      else if (valid !== undefined) {
        found.nullCount = valid.reduce((sum, flag) => sum + (flag === 0 ? 1 : 0), 0);
        validBatches.push(valid.slice());
        nulls += found.nullCount;
      }
      writer.write(bytesOf(values));
      rows += rowCount;
      return found;
    },
    close() {
      const isFloat = output.type === "float64" || output.type === "float32";
      const hasBitmap = !isFloat && nulls > 0;
      const spec = { name: output.name, type: output.type, rowCount: rows };
      const layout = columnFileLayout(hasBitmap ? { ...spec, nullCount: nulls } : spec);
      if (hasBitmap) {
        writer.padTo(layout.validityOffset);
        writer.write(packValidity(validBatches, rows));
      }
      writer.padTo(layout.footerOffset);
      writer.write(layout.footer);
      writer.close();
      writeAtStart(path, layout.header);
      return { file, byteLength: layout.totalByteLength };
    },
  };
}

function packValidity(batches: readonly Uint8Array[], rowCount: number): Uint8Array {
  const bits = new Uint8Array(Math.ceil(rowCount / 8)).fill(0xff);
  if ((rowCount & 7) !== 0) bits[rowCount >> 3] = (1 << (rowCount & 7)) - 1;
  const valid = new Uint8Array(rowCount);
  let at = 0;
  for (const batch of batches) {
    valid.set(batch, at);
    at += batch.length;
  }
  // The values are already in the file; only the bits are needed.
  validBytesToBits(valid, new Uint8Array(rowCount), bits);
  return bits;
}

function writeAtStart(path: string, bytes: Uint8Array): void {
  const fd = openSync(path, "r+");
  try {
    writeSync(fd, bytes, 0, bytes.length, 0);
  } finally {
    closeSync(fd);
  }
}
