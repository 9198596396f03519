import { Buffer } from "node:buffer";
import { join } from "node:path";
import { encodeRecordBatchHeader } from "../../../shared/arrow/index.ts";
import type { BatchFacts } from "../../../shared/protocol/child-message.ts";
import { bytesOf, FileWriter } from "./file-writer.ts";
import { boolBytesToBits, nullsToBits, validBytesToBits } from "./null-scan.ts";
import {
  type OutputBatch,
  type OutputColumn,
  OutputCounts,
  type OutputSink,
  type SinkOptions,
} from "./output-batch.ts";

interface ArrowBuffers {
  readonly nullCount: number;
  readonly buffers: readonly Uint8Array[];
}

/**
 * Writes each batch as an encapsulated Arrow record batch: `symbol` codes, `ts`, then the outputs. The collector
 * writes schema and dictionary, so that the files of all partitions can simply be concatenated.
 */
export function createArrowSink(file: string, options: SinkOptions): OutputSink {
  const { outputs, keyed, outDir } = options;
  const writer = new FileWriter(join(outDir, file));
  const counts = new OutputCounts(outputs);
  const batches: BatchFacts[] = [];
  return {
    write(batch) {
      const keys = keyed ? keyBuffers(batch) : [];
      const columns = [
        ...keys,
        ...batch.columns.map((column, index) =>
          outputBuffers(column, index, batch.rowCount, counts, options),
        ),
      ];
      const buffers = columns.flatMap((column) => column.buffers);
      const { header, bodyLength, bufferOffsets } = encodeRecordBatchHeader({
        rowCount: batch.rowCount,
        nodes: columns.map(({ nullCount }) => ({ length: batch.rowCount, nullCount })),
        bufferLengths: buffers.map((buffer) => buffer.length),
      });
      const byteOffset = writer.byteLength;
      writer.write(header);
      const bodyOffset = writer.byteLength;
      buffers.forEach((buffer, index) => {
        writer.padTo(bodyOffset + bufferOffsets[index]!);
        writer.write(buffer);
      });
      writer.padTo(bodyOffset + bodyLength);
      batches.push({ rowCount: batch.rowCount, byteOffset, metadataLength: header.length, bodyLength });
    },
    close() {
      writer.close();
      return {
        files: [{ file, byteLength: writer.byteLength, sha256: null }],
        columns: counts.facts(),
        batches,
        checksumFile: null,
      };
    },
  };
}

const NO_BITS = new Uint8Array(0);

function keyBuffers(batch: OutputBatch): ArrowBuffers[] {
  const codes = new Int32Array(batch.rowCount);
  let row = 0;
  for (const unit of batch.units) {
    codes.fill(unit.symbol, row, row + unit.rowCount);
    row += unit.rowCount;
  }
  const ts = batch.ts;
  if (ts === null) throw new Error("A keyed batch came without event times");
  return [
    { nullCount: 0, buffers: [NO_BITS, bytesOf(codes)] },
    { nullCount: 0, buffers: [NO_BITS, bytesOf(ts)] },
  ];
}

function outputBuffers(
  column: OutputColumn,
  index: number,
  rowCount: number,
  counts: OutputCounts,
  { outputs }: SinkOptions,
): ArrowBuffers {
  const validity = new Uint8Array(Math.ceil(rowCount / 8)).fill(0xff);
  if ("text" in column) return textBuffers(column.text, index, validity, counts);
  const { values, valid } = column;
  const found = { nullCount: 0, infCount: 0 };
  if (values instanceof Float64Array || values instanceof Float32Array) nullsToBits(values, validity, found);
  else if (valid !== undefined) found.nullCount = validBytesToBits(valid, values, validity);
  counts.add(index, found.nullCount, found.infCount);
  clearSpareBits(validity, rowCount);
  const bits = found.nullCount === 0 ? NO_BITS : validity;
  if (outputs[index]?.type !== "bool" || !(values instanceof Uint8Array)) {
    return { nullCount: found.nullCount, buffers: [bits, bytesOf(values)] };
  }
  const packed = new Uint8Array(Math.ceil(rowCount / 8));
  boolBytesToBits(values, packed);
  return { nullCount: found.nullCount, buffers: [bits, packed] };
}

function textBuffers(
  text: readonly (string | null)[],
  index: number,
  validity: Uint8Array,
  counts: OutputCounts,
): ArrowBuffers {
  const offsets = new Int32Array(text.length + 1);
  // Encoded together, so half a surrogate pair at the end of a value must not combine with the start of the next.
  const values = text.map((value) => value?.toWellFormed() ?? "");
  let nullCount = 0;
  values.forEach((value, i) => {
    offsets[i + 1] = offsets[i]! + Buffer.byteLength(value);
    if (text[i] !== null) return;
    validity[i >> 3]! &= ~(1 << (i & 7));
    nullCount++;
  });
  counts.add(index, nullCount, 0);
  clearSpareBits(validity, text.length);
  const joined = Buffer.from(values.join(""));
  return { nullCount, buffers: [nullCount === 0 ? NO_BITS : validity, bytesOf(offsets), joined] };
}

/** Clears the bits after the last row, so that equal rows are equal bytes. */
function clearSpareBits(validity: Uint8Array, rowCount: number): void {
  if ((rowCount & 7) !== 0) validity[rowCount >> 3]! &= (1 << (rowCount & 7)) - 1;
}
