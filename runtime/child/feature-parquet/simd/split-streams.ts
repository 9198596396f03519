import {
  code,
  type Code,
  get,
  i32Add,
  i32Const,
  i32LessThan,
  load,
  loopWhile,
  set,
  shuffle,
  store,
  tee,
  type WasmFunction,
} from "./wasm-assembler.ts";

/** Values per round: one vector per stream. */
export const VALUES_PER_ROUND = 16;

const AT = 0;
const END = 1;
/** The first parameter that holds a stream's next position. */
const STREAM = 2;

/**
 * `(at, end, stream0, stream1, …)`: splits the floats from `at` to `end` (at least one round, whole rounds only) into
 * one stream per byte.
 *
 * 16 values make `width` vectors. Each step moves bytes of the same kind closer together in pairs of vectors, until a
 * vector holds the same byte of all 16 values.
 */
export function splitStreams(name: string, width: 4 | 8): WasmFunction {
  const first = STREAM + width;
  const steps = width === 8 ? [gather(8, 0), gather(8, 4), ...interleave32] : [gather(4, 0), gather(4, 2)];
  const bytes = width * VALUES_PER_ROUND;
  const vectors = Array.from({ length: width }, (_, index) => first + index);
  return {
    name,
    parameterCount: first,
    hasResult: false,
    vectorCount: 2 * width,
    body: loopWhile(
      ...vectors.map((local, index) => code(get(AT), load(16 * index), set(local))),
      width === 8 ? transpose8(first, steps) : transpose4(first, steps),
      ...vectors.map((_, stream) => code(get(STREAM + stream), get(first + width + stream), store(0))),
      ...vectors.map((_, stream) =>
        code(get(STREAM + stream), i32Const(VALUES_PER_ROUND), i32Add, set(STREAM + stream)),
      ),
      code(get(AT), i32Const(bytes), i32Add, tee(AT), get(END), i32LessThan),
    ),
  };
}

/** From two vectors of values, bytes `from` on: all bytes of the first kind, all of the next … */
function gather(width: 4 | 8, from: number): Code {
  const values = 32 / width;
  return shuffle(Array.from({ length: 16 }, (_, i) => width * (i % values) + from + Math.floor(i / values)));
}

/** From two vectors of four runs of four bytes: the first two runs of both, and the last two. */
const interleave32 = [0, 8].map((from) =>
  shuffle([0, 16, 4, 20].flatMap((run) => [0, 1, 2, 3].map((byte) => run + from + byte))),
);

/** From two vectors of two runs of eight bytes: the first runs of both, and the second ones. */
const interleave64 = [0, 8].map((from) =>
  shuffle([0, 16].flatMap((run) => Array.from({ length: 8 }, (_, i) => run + from + i))),
);

/** Stores `operation(a, b)` in a local. */
function combine(a: number, b: number, operation: Code, to: number): Code {
  return code(get(a), get(b), operation, set(to));
}

/** Four vectors of four values each, in locals from `first` on; the streams end up in the four locals after them. */
function transpose4(first: number, [low, high]: readonly Code[]): Code {
  const other = first + 4;
  const runs = [0, 1].flatMap((pair) => [
    combine(first + 2 * pair, first + 2 * pair + 1, low!, other + pair),
    combine(first + 2 * pair, first + 2 * pair + 1, high!, other + 2 + pair),
  ]);
  // Moved back, because the last step must not overwrite what it still reads.
  const back = [0, 1, 2, 3].map((i) => code(get(other + i), set(first + i)));
  const streams = [0, 1].flatMap((half) =>
    interleave64.map((operation, side) =>
      combine(first + 2 * half, first + 2 * half + 1, operation, other + 2 * half + side),
    ),
  );
  return code(...runs, ...back, ...streams);
}

/** Eight vectors of two values each; the streams end up in the eight locals after them. */
function transpose8(first: number, [low, high, near, far]: readonly Code[]): Code {
  const other = first + 8;
  // Runs of four: bytes 0 to 3 of pair p in other + p, bytes 4 to 7 in other + 4 + p.
  const fours = [0, 1, 2, 3].flatMap((pair) => [
    combine(first + 2 * pair, first + 2 * pair + 1, low!, other + pair),
    combine(first + 2 * pair, first + 2 * pair + 1, high!, other + 4 + pair),
  ]);
  // Runs of eight: bytes 0 and 1 of values 0 to 7 in first, of values 8 to 15 in first + 1, bytes 2 and 3 next …
  const eights = [0, 4].flatMap((half) =>
    [near!, far!].flatMap((operation, side) => [
      combine(other + half, other + half + 1, operation, first + half + 2 * side),
      combine(other + half + 2, other + half + 3, operation, first + half + 2 * side + 1),
    ]),
  );
  const streams = [0, 2, 4, 6].flatMap((pair) =>
    interleave64.map((operation, side) =>
      combine(first + pair, first + pair + 1, operation, other + pair + side),
    ),
  );
  return code(...fours, ...eights, ...streams);
}
