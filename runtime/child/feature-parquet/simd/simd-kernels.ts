import { BYTES_PER_ROUND, finiteBounds } from "./finite-bounds.ts";
import { splitStreams } from "./split-streams.ts";
import { assembleModule } from "./wasm-assembler.ts";

/** The loops over every value of a file, sixteen bytes at a time. Addresses are byte offsets into one memory. */
export interface SimdKernels {
  /** Returns 0 if all floats from `at` to `end` are finite; `bounds` then holds their minima and maxima. */
  readonly boundsFloat64: (at: number, end: number, bounds: number) => number;
  readonly boundsFloat32: (at: number, end: number, bounds: number) => number;
  readonly splitFloat64: (at: number, end: number, ...streams: Streams8) => void;
  readonly splitFloat32: (at: number, end: number, ...streams: Streams4) => void;
}

type Streams4 = [a: number, b: number, c: number, d: number];
type Streams8 = [...Streams4, ...Streams4];

export { BYTES_PER_ROUND as BOUNDS_BYTES_PER_ROUND };
export { VALUES_PER_ROUND as SPLIT_VALUES_PER_ROUND } from "./split-streams.ts";

const PAGE_BYTES = 64 * 1024;

/** Creates zeroed memory of at least this many bytes, and the kernels that work in it. */
export function createSimdKernels(byteLength: number): { memory: ArrayBuffer; kernels: SimdKernels } {
  const pageCount = Math.ceil(byteLength / PAGE_BYTES);
  const functions = [
    finiteBounds("boundsFloat64", 8),
    finiteBounds("boundsFloat32", 4),
    splitStreams("splitFloat64", 8),
    splitStreams("splitFloat32", 4),
  ];
  const module = new WebAssembly.Module(assembleModule(functions, pageCount));
  const memory = new WebAssembly.Memory({ initial: pageCount, maximum: pageCount });
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  if (!hasKernels(exports)) throw new Error("The module just assembled does not export its functions");
  return { memory: memory.buffer, kernels: exports };
}

function hasKernels(exports: object): exports is SimdKernels {
  return "splitFloat32" in exports && typeof exports.splitFloat32 === "function";
}
