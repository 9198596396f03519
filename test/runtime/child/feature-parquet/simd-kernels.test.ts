import { describe, expect, test } from "vitest";
import {
  BOUNDS_BYTES_PER_ROUND,
  createSimdKernels,
  SPLIT_VALUES_PER_ROUND,
} from "../../../../runtime/child/feature-parquet/simd/simd-kernels.ts";
import { seededRandom } from "./batches.ts";

const COUNT = 4 * SPLIT_VALUES_PER_ROUND * 8;
const OUT = COUNT * 8;
const BOUNDS = 2 * OUT;

describe.each([8, 4] as const)("over floats of %i bytes", (width) => {
  const { memory, kernels } = createSimdKernels(BOUNDS + 32);
  const values = width === 8 ? new Float64Array(memory, 0, COUNT) : new Float32Array(memory, 0, COUNT);
  const bytes = new Uint8Array(memory);
  const end = COUNT * width;
  const bounds = width === 8 ? kernels.boundsFloat64 : kernels.boundsFloat32;
  const found = () =>
    width === 8 ? new Float64Array(memory, BOUNDS, 4) : new Float32Array(memory, BOUNDS, 8);
  const refill = (seed: number) => {
    const random = seededRandom(seed);
    for (let i = 0; i < COUNT; i++) values[i] = (random() - 0.5) * 1e6;
  };

  test("bounds are found wherever the extremes stand", () => {
    for (const at of [0, 1, 2, 3, 7, 8, 15, 16, 63, 64, COUNT - 2]) {
      refill(at);
      values[at] = -1e9;
      values[at + 1] = 1e9;
      expect(bounds(0, end, BOUNDS)).toBe(0);
      const half = found().length / 2;
      expect(Math.min(...found().subarray(0, half))).toBe(-1e9);
      expect(Math.max(...found().subarray(half))).toBe(1e9);
    }
  });

  test("the shortest stretch is one round, anywhere", () => {
    refill(1);
    expect(bounds(BOUNDS_BYTES_PER_ROUND, 2 * BOUNDS_BYTES_PER_ROUND, BOUNDS)).toBe(0);
    const perRound = BOUNDS_BYTES_PER_ROUND / width;
    const stretch = values.subarray(perRound, 2 * perRound);
    const half = found().length / 2;
    expect(Math.min(...found().subarray(0, half))).toBe(Math.min(...stretch));
    expect(Math.max(...found().subarray(half))).toBe(Math.max(...stretch));
  });

  test("every NaN and infinity is noticed, in every lane", () => {
    for (let at = 0; at < 3 * BOUNDS_BYTES_PER_ROUND; at++) {
      for (const bad of [NaN, Infinity, -Infinity]) {
        refill(2);
        values[at] = bad;
        expect(bounds(0, end, BOUNDS)).toBe(1);
      }
    }
  });

  test("streams hold the bytes in order, and nothing beside them is touched", () => {
    refill(3);
    const stride = COUNT + 3;
    bytes.fill(0xaa, OUT, OUT + 8 * stride);
    const at = (stream: number) => OUT + 1 + stream * stride;
    if (width === 8) kernels.splitFloat64(0, end, at(0), at(1), at(2), at(3), at(4), at(5), at(6), at(7));
    else kernels.splitFloat32(0, end, at(0), at(1), at(2), at(3));
    for (let stream = 0; stream < width; stream++) {
      const expected = Uint8Array.from({ length: COUNT }, (_, i) => bytes[i * width + stream]!);
      expect(bytes.slice(at(stream), at(stream) + COUNT)).toEqual(expected);
      expect([...bytes.subarray(at(stream) + COUNT, at(stream) + COUNT + 2)]).toEqual([0xaa, 0xaa]);
    }
  });
});
