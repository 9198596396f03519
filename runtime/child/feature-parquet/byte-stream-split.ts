import { SPLIT_VALUES_PER_ROUND } from "./simd/simd-kernels.ts";
import type { Workspace } from "./workspace.ts";

/**
 * Parquet's BYTE_STREAM_SPLIT of the first `count` floats of the workspace: first the first byte of every value, then
 * the second, and so on. Sign and exponent of neighbouring values are nearly equal and become adjacent, which helps a
 * compressor.
 *
 * `starts` receives the start of each stream in `scratch`.
 */
export function splitFloats(width: 4 | 8, count: number, starts: Int32Array, workspace: Workspace): void {
  const { simd, bytes, scratch, scratchAt } = workspace;
  const whole = count - (count % SPLIT_VALUES_PER_ROUND);
  const at = (stream: number) => scratchAt + starts[stream]!;
  if (whole > 0 && width === 8) {
    simd.splitFloat64(0, whole * 8, at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7));
  } else if (whole > 0) simd.splitFloat32(0, whole * 4, at(0), at(1), at(2), at(3));
  for (let stream = 0; stream < width; stream++) {
    for (let i = whole; i < count; i++) scratch[starts[stream]! + i] = bytes[i * width + stream]!;
  }
}
