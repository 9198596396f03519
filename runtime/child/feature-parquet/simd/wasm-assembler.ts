/**
 * The part of the WebAssembly binary format that the loops in this folder need, so that they can be source code
 * instead of a binary built by a tool. Code is a list of bytes; every function below returns a piece of it.
 */
export type Code = readonly number[];

export interface WasmFunction {
  readonly name: string;
  /** All of type i32. */
  readonly parameterCount: number;
  /** An i32, or nothing. */
  readonly hasResult: boolean;
  /** Vectors, numbered from `parameterCount` on. */
  readonly vectorCount: number;
  readonly body: Code;
}

/** Concatenates pieces. */
export const code = (...pieces: readonly Code[]): Code => pieces.flat();

export const get = (local: number): Code => [0x20, ...unsigned(local)];
export const set = (local: number): Code => [0x21, ...unsigned(local)];
export const tee = (local: number): Code => [0x22, ...unsigned(local)];
export const i32Const = (value: number): Code => [0x41, ...signed(value)];
export const i32Add: Code = [0x6a];
export const i32LessThan: Code = [0x49];

/** Repeats `body` as long as it leaves a nonzero value. */
export const loopWhile = (...body: readonly Code[]): Code => [0x03, 0x40, ...code(...body), 0x0d, 0x00, 0x0b];

const vector = (operation: number, ...immediates: number[]): Code => [
  0xfd,
  ...unsigned(operation),
  ...immediates,
];
/** Loads and stores at the address on the stack plus `offset`; alignment is not guaranteed. */
export const load = (offset: number): Code => vector(0x00, 0, ...unsigned(offset));
export const store = (offset: number): Code => vector(0x0b, 0, ...unsigned(offset));
export const vectorConst = (bytes: Uint8Array): Code => vector(0x0c, ...bytes);
/** Selects any 16 of the 32 bytes of two vectors. */
export const shuffle = (lanes: readonly number[]): Code => vector(0x0d, ...lanes);
export const or: Code = vector(0x50);
export const anyTrue: Code = vector(0x53);

/** `least(a, b)` is b if b < a, else a: unlike `min`, it never lets a NaN in b through. */
export const FLOAT32 = {
  notEqual: vector(0x42),
  subtract: vector(0xe5),
  least: vector(0xea),
  most: vector(0xeb),
};
export const FLOAT64 = {
  notEqual: vector(0x48),
  subtract: vector(0xf1),
  least: vector(0xf6),
  most: vector(0xf7),
};

/** A module that imports its memory as `env.memory` and exports the functions by name. */
export function assembleModule(
  functions: readonly WasmFunction[],
  pageCount: number,
): Uint8Array<ArrayBuffer> {
  const types = functions.map(({ parameterCount, hasResult }) => [
    0x60,
    ...list(Array.from({ length: parameterCount }, () => [I32])),
    ...list(hasResult ? [[I32]] : []),
  ]);
  const memoryImport = [...text("env"), ...text("memory"), 0x02, 0x00, ...unsigned(pageCount)];
  const exported = functions.map(({ name }, index) => [...text(name), 0x00, ...unsigned(index)]);
  const bodies = functions.map(({ vectorCount, body }) => {
    const bytes = [...list([[...unsigned(vectorCount), V128]]), ...body, END];
    return [...unsigned(bytes.length), ...bytes];
  });
  return Uint8Array.from([
    ...PREAMBLE,
    ...section(1, list(types)),
    ...section(2, list([memoryImport])),
    ...section(3, list(functions.map((_, index) => unsigned(index)))),
    ...section(7, list(exported)),
    ...section(10, list(bodies)),
  ]);
}

/** Magic bytes and version 1. */
const PREAMBLE: Code = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
const I32 = 0x7f;
const V128 = 0x7b;
const END = 0x0b;

function section(id: number, content: Code): Code {
  return [id, ...unsigned(content.length), ...content];
}

function list(items: readonly Code[]): Code {
  return [...unsigned(items.length), ...items.flat()];
}

function text(value: string): Code {
  return list(Array.from(new TextEncoder().encode(value), (byte) => [byte]));
}

/** LEB128, seven bits per byte. */
function unsigned(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest >>>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest];
}

function signed(value: number): Code {
  const bytes: number[] = [];
  let rest = value;
  for (; rest < -64 || rest > 63; rest >>= 7) bytes.push((rest & 127) | 128);
  return [...bytes, rest & 127];
}
