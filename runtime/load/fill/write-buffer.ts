import type { ColumnExpression } from "./column-expression.ts";
import type { PartWriter } from "./part-writer.ts";

/** Buffers small runs of values into large writes, widening floats on the way. */
export interface WriteBuffer {
  add(values: Uint8Array, writer: PartWriter): void;
  flush(writer: PartWriter): void;
}

/**
 * One write of this size costs as much as 60 of a vector's size, and the buffer stays in the processor's cache while
 * it is filled.
 */
const BUFFER_BYTES = 1 << 20;

export function createWriteBuffer({ widen }: Pick<ColumnExpression, "widen">): WriteBuffer {
  const bytes = new Uint8Array(BUFFER_BYTES);
  const doubles = new Float64Array(bytes.buffer);
  let used = 0;

  function flush(writer: PartWriter): void {
    if (used > 0) writer.append(bytes.subarray(0, used));
    used = 0;
  }

  return {
    flush,
    add(values, writer) {
      const byteLength = widen ? values.length * 2 : values.length;
      if (used + byteLength > BUFFER_BYTES) flush(writer);
      if (byteLength > BUFFER_BYTES) throw new RangeError(`A vector of ${values.length} bytes is too long`);
      if (widen) {
        doubles.set(new Float32Array(values.buffer, values.byteOffset, values.length >> 2), used >> 3);
      } else {
        bytes.set(values, used);
      }
      used += byteLength;
    },
  };
}
