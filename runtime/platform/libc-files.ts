import { openLibc } from "./libc.ts";

// The functions of `node:fs` that a child uses before and while it runs, directly from the C library. Loading
// `node:fs` takes Bun 1.6 ms, a tenth of the cost of a fresh child. A child's bundle for Bun therefore contains these
// functions, and loads `node:fs` on first use for everything else. Whatever fails here is retried there, which throws
// the error that callers expect.

const libc = process.platform === "linux" ? openLibc() : undefined;
const real = () => process.getBuiltinModule("node:fs");

/** The same on x64 and arm64. Files are closed on exec, as `node:fs` does. */
const CREATE = 0o100;
const EXCLUSIVE = 0o200;
const TRUNCATE = 0o1000;
const APPEND = 0o2000;
const CLOSE_ON_EXEC = 0o2_000_000;
const FLAGS: Readonly<Record<string, number>> = {
  r: 0,
  "r+": 2,
  w: 1 | CREATE | TRUNCATE,
  wx: 1 | CREATE | TRUNCATE | EXCLUSIVE,
  "w+": 2 | CREATE | TRUNCATE,
  a: 1 | CREATE | APPEND,
};

/** `fs.openSync` for a path given as a string and flags in letters. */
export function openSync(path: string, flags = "r", mode = 0o666): number {
  const bits = FLAGS[flags];
  const plain = libc !== undefined && bits !== undefined && isPlain(path);
  const file = plain ? libc.open(path, bits | CLOSE_ON_EXEC, mode) : -1;
  return file >= 0 ? file : real().openSync(path, flags, mode);
}

/** `fs.closeSync`. */
export function closeSync(file: number): void {
  if (libc === undefined || libc.close(file) < 0) real().closeSync(file);
}

/** `fs.fsyncSync`. */
export function fsyncSync(file: number): void {
  if (libc === undefined || libc.fsync(file) < 0) real().fsyncSync(file);
}

/** `fs.readSync` with positional arguments. */
export function readSync(
  file: number,
  into: NodeJS.ArrayBufferView,
  offset = 0,
  length = into.byteLength - offset,
  position: number | null = null,
): number {
  const bytes = libc === undefined ? undefined : bytesOf(into, offset, length);
  let count = -1;
  if (libc !== undefined && bytes !== undefined && (position === null || typeof position === "number")) {
    count = position === null ? libc.read(file, bytes) : libc.pread(file, bytes, position);
  }
  return count >= 0 ? count : real().readSync(file, into, offset, length, position);
}

/** `fs.writeSync` of bytes with positional arguments, or of text without further arguments. */
export function writeSync(
  file: number,
  from: NodeJS.ArrayBufferView | string,
  offset = 0,
  length?: number,
  position: number | null = null,
): number {
  if (typeof from === "string") return writeSync(file, Buffer.from(from));
  const byteLength = length ?? from.byteLength - offset;
  const bytes = libc === undefined ? undefined : bytesOf(from, offset, byteLength);
  let count = -1;
  if (libc !== undefined && bytes !== undefined && (position === null || typeof position === "number")) {
    count = position === null ? libc.write(file, bytes) : libc.pwrite(file, bytes, position);
  }
  return count >= 0 ? count : real().writeSync(file, from, offset, byteLength, position);
}

/** `fs.writeFileSync` of text or bytes. */
export function writeFileSync(path: string, content: string | Uint8Array): void {
  const file = openSync(path, "w");
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let sent = 0; sent < bytes.length;) sent += writeSync(file, bytes, sent, bytes.length - sent);
  } finally {
    closeSync(file);
  }
}

/** `fs.mkdirSync` of one folder; with options it calls the real function. */
export function mkdirSync(
  path: string,
  options?: Parameters<typeof import("node:fs").mkdirSync>[1],
): string | undefined {
  const made = libc !== undefined && options === undefined && isPlain(path) && libc.mkdir(path, 0o777) === 0;
  return made ? undefined : real().mkdirSync(path, options);
}

/** `fs.unlinkSync`. */
export function unlinkSync(path: string): void {
  if (libc === undefined || !isPlain(path) || libc.unlink(path) < 0) real().unlinkSync(path);
}

/** `fs.rmSync`; anything that contains no folders is removed without the real function. */
export function rmSync(path: string, options?: Parameters<typeof import("node:fs").rmSync>[1]): void {
  if (options?.recursive !== true || !isPlain(path) || !removedFlat(path)) real().rmSync(path, options);
}

/** Removes a folder that contains only files, or as much of it as possible. */
function removedFlat(path: string): boolean {
  if (libc === undefined || typeof Bun === "undefined") return false;
  try {
    for (const name of new Bun.Glob("*").scanSync({ cwd: path, dot: true, onlyFiles: false })) {
      if (libc.unlink(`${path}/${name}`) < 0) return false;
    }
    return libc.rmdir(path) === 0;
  } catch {
    // It is not a folder, or may not be listed; the real function reports what is wrong.
    return false;
  }
}

function isPlain(path: unknown): path is string {
  return typeof path === "string" && !path.includes("\0");
}

/** The bytes that the arguments describe, or undefined for arguments this function does not support. */
function bytesOf(view: NodeJS.ArrayBufferView, offset: unknown, length: unknown): Uint8Array | undefined {
  if (!ArrayBuffer.isView(view) || typeof offset !== "number" || typeof length !== "number") return undefined;
  if (offset < 0 || length < 0 || offset + length > view.byteLength) return undefined;
  return new Uint8Array(view.buffer, view.byteOffset + offset, length);
}
