import { count, defineTable, float32, float64 } from "quiver";
import { z } from "zod";

// Of the module, not of a call: one process touches this many bytes and then stays, so that it can be looked at.
let touched = 0;
let sum = 0;

export default defineTable({
  description: "Reads every value of its columns up to a number of bytes, then waits to be looked at",
  params: z.object({ bytes: z.int().min(1), holdMs: z.int().min(0).max(60_000) }),
  inputs: { bars: { open: float64, high: float32, low: float32, close: float64 } },
  outputs: { touched: count },
  handler({ bars }, { params }) {
    const before = touched;
    for (const column of [bars.open, bars.high, bars.low, bars.close]) {
      for (let i = 0; i < column.length && touched < params.bytes; i++) {
        sum += column[i]!;
        touched += column.BYTES_PER_ELEMENT;
      }
    }
    if (touched >= params.bytes && before < params.bytes) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, params.holdMs);
    }
    // The sum is used, so that no value needs not be read.
    return { touched: Float64Array.of(Number.isNaN(sum) ? 0 : touched) };
  },
});
