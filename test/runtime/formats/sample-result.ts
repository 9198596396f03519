import type { ArrowField, ArrowType } from "../../../shared/arrow/index.ts";
import type { ColumnBuffers, ResultBatch, ResultHead } from "../../../runtime/formats/result-batch.ts";

/** A column as plain values, null for null. Dates are days, timestamps microseconds, dictionary values codes. */
export interface SampleColumn {
  readonly name: string;
  readonly type: ArrowType;
  readonly values: readonly (number | bigint | boolean | string | null)[];
}

export function sampleHead(
  columns: readonly SampleColumn[],
  dictionaries: ReadonlyMap<number, readonly string[]> = new Map(),
): ResultHead {
  const fields = columns.map(({ name, type }): ArrowField => ({ name, type, nullable: true }));
  return { schema: { fields }, dictionaries };
}

/** The columns cut into batches of `rowsPerBatch`, counted by `onPull` as they are asked for. */
export async function* sampleBatches(
  columns: readonly SampleColumn[],
  rowsPerBatch = Number.POSITIVE_INFINITY,
  onPull: () => void = () => undefined,
): AsyncGenerator<ResultBatch> {
  const rowCount = columns[0]?.values.length ?? 0;
  for (let start = 0; start < rowCount; start += rowsPerBatch) {
    onPull();
    const end = Math.min(rowCount, start + rowsPerBatch);
    yield await Promise.resolve({
      rowCount: end - start,
      columns: columns.map(({ type, values }) => buffersOf(type, values.slice(start, end))),
    });
  }
}

export async function collectBytes(chunks: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  for await (const chunk of chunks) parts.push(chunk);
  return new Uint8Array(Buffer.concat(parts));
}

function buffersOf(type: ArrowType, values: SampleColumn["values"]): ColumnBuffers {
  const nullCount = values.filter((value) => value === null).length;
  const bits = (isSet: (value: SampleColumn["values"][number]) => boolean) => {
    const bytes = new Uint8Array(Math.ceil(values.length / 8));
    values.forEach((value, row) => {
      if (isSet(value)) bytes[row >> 3]! |= 1 << (row & 7);
    });
    return bytes;
  };
  const shared = { nullCount, ...(nullCount > 0 ? { validity: bits((value) => value !== null) } : {}) };
  const bytesOf = (array: ArrayBufferView<ArrayBuffer>) => new Uint8Array(array.buffer);
  const numbers = values.map((value) => Number(value ?? 0));
  switch (type) {
    case "float64":
      return { ...shared, values: bytesOf(Float64Array.from(numbers)) };
    case "float32":
      return { ...shared, values: bytesOf(Float32Array.from(numbers)) };
    case "int32":
    case "date32":
    case "dictionary":
      return { ...shared, values: bytesOf(Int32Array.from(numbers)) };
    case "uint8":
      return { ...shared, values: Uint8Array.from(numbers) };
    case "int64":
    case "timestamp":
      return { ...shared, values: bytesOf(BigInt64Array.from(values, (value) => BigInt(value ?? 0))) };
    case "bool":
      return { ...shared, values: bits((value) => value === true) };
    case "utf8": {
      const texts = values.map((value) => new TextEncoder().encode(String(value ?? "")));
      const offsets = new Int32Array(values.length + 1);
      texts.forEach((text, row) => (offsets[row + 1] = offsets[row]! + text.length));
      return { ...shared, values: bytesOf(offsets), text: new Uint8Array(Buffer.concat(texts)) };
    }
  }
}
