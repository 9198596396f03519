import {
  anyTrue,
  code,
  type Code,
  FLOAT32,
  FLOAT64,
  get,
  i32Add,
  i32Const,
  i32LessThan,
  load,
  loopWhile,
  or,
  set,
  store,
  tee,
  vectorConst,
  type WasmFunction,
} from "./wasm-assembler.ts";

/** Vectors per round: each has its own chain of minima and maxima, so none waits for another. */
const CHAINS = 4;
export const BYTES_PER_ROUND = CHAINS * 16;

// Parameters and locals by number.
const AT = 0;
const END = 1;
const BOUNDS = 2;
const MIN = 3;
const MAX = MIN + CHAINS;
const BAD = MAX + CHAINS;
const VALUE = BAD + 1;

/**
 * `(at, end, bounds)`: scans the floats from `at` to `end` (at least one round, whole rounds only), writes a vector of
 * minima and one of maxima to `bounds`, and returns 1 if any float was NaN or infinite, in which case the bounds mean
 * nothing.
 */
export function finiteBounds(name: string, width: 4 | 8): WasmFunction {
  const { notEqual, subtract, least, most } = width === 8 ? FLOAT64 : FLOAT32;
  const chains = Array.from({ length: CHAINS }, (_, chain) => chain);
  const start = (sign: 1 | -1) => vectorConst(new Uint8Array(infinities(width, sign).buffer));
  const zero = vectorConst(new Uint8Array(16));
  const begin = (chain: number) => code(start(1), set(MIN + chain), start(-1), set(MAX + chain));
  const step = (chain: number) =>
    code(
      code(get(MIN + chain), get(AT), load(16 * chain), tee(VALUE), least, set(MIN + chain)),
      code(get(MAX + chain), get(VALUE), most, set(MAX + chain)),
      // x - x is 0 for finite x, and NaN for NaN and infinities.
      code(get(VALUE), get(VALUE), subtract, zero, notEqual, get(BAD), or, set(BAD)),
    );
  const join = (first: number, operation: Code) =>
    code(...chains.slice(1).map((chain) => code(get(first), get(first + chain), operation, set(first))));
  return {
    name,
    parameterCount: 3,
    hasResult: true,
    vectorCount: 2 * CHAINS + 2,
    body: code(
      ...chains.map(begin),
      loopWhile(
        ...chains.map(step),
        code(get(AT), i32Const(BYTES_PER_ROUND), i32Add, tee(AT), get(END), i32LessThan),
      ),
      join(MIN, least),
      join(MAX, most),
      code(get(BOUNDS), get(MIN), store(0), get(BOUNDS), get(MAX), store(16)),
      code(get(BAD), anyTrue),
    ),
  };
}

function infinities(width: 4 | 8, sign: 1 | -1): Float64Array | Float32Array {
  return width === 8 ? new Float64Array(2).fill(sign * Infinity) : new Float32Array(4).fill(sign * Infinity);
}
