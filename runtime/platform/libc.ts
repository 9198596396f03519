import { denoApi, type DenoApi } from "./deno-api.ts";

/**
 * The functions of the C library that Quiver calls, the same on either runtime. Failure is a negative number, or
 * undefined instead of an address.
 */
export interface Libc {
  open(path: string, flags: number, mode: number): number;
  close(file: number): number;
  read(file: number, into: Uint8Array): number;
  write(file: number, from: Uint8Array): number;
  pread(file: number, into: Uint8Array, position: number): number;
  pwrite(file: number, from: Uint8Array, position: number): number;
  fsync(file: number): number;
  mkdir(path: string, mode: number): number;
  rmdir(path: string): number;
  unlink(path: string): number;
  /** Size of an open file in bytes. */
  size(file: number): number;
  /** Maps privately, for reading and writing; undefined if that is refused. */
  mmap(file: number, offset: number, byteLength: number): MappedMemory | undefined;
}

export interface MappedMemory {
  readonly buffer: ArrayBuffer;
  /** After this, touching the buffer crashes the process. */
  unmap(): void;
}

/** Opens the library; undefined where foreign functions are unavailable. */
export function openLibc(): Libc | undefined {
  const deno = denoApi();
  return deno === undefined ? openOnBun() : openOnDeno(deno);
}

/** The same numbers on Linux and macOS. */
const PROT_READ_WRITE = 3;
const MAP_PRIVATE = 2;
const SEEK_END = 2;

function openOnBun(): Libc | undefined {
  const ffi = process.getBuiltinModule("bun:ffi") as typeof import("bun:ffi") | undefined;
  const library =
    ffi === undefined ? undefined : firstThatOpens(process.platform, (name) => dlopenOnBun(ffi, name));
  if (ffi === undefined || library === undefined) return undefined;
  const { open, close, read, write, pread, pwrite, fsync, lseek, mmap, munmap } = library.symbols;
  const { mkdir, rmdir, unlink } = library.symbols;
  // An empty view has no address and needs no call.
  return {
    open: (path, flags, mode) => open(cString(path), flags, mode),
    close: (file) => close(file),
    read: (file, into) => (into.length === 0 ? 0 : Number(read(file, into, into.length))),
    write: (file, from) => (from.length === 0 ? 0 : Number(write(file, from, from.length))),
    pread: (file, into, position) =>
      into.length === 0 ? 0 : Number(pread(file, into, into.length, position)),
    pwrite: (file, from, position) =>
      from.length === 0 ? 0 : Number(pwrite(file, from, from.length, position)),
    fsync: (file) => fsync(file),
    mkdir: (path, mode) => mkdir(cString(path), mode),
    rmdir: (path) => rmdir(cString(path)),
    unlink: (path) => unlink(cString(path)),
    size: (file) => Number(lseek(file, 0, SEEK_END)),
    mmap(file, offset, byteLength) {
      const address = mmap(null, byteLength, PROT_READ_WRITE, MAP_PRIVATE, file, offset);
      // (void *)-1 arrives as the largest possible pointer.
      if (address === null || address > Number.MAX_SAFE_INTEGER) return undefined;
      return {
        buffer: ffi.toArrayBuffer(address, 0, byteLength),
        unmap: () => void munmap(address, byteLength),
      };
    },
  };
}

function dlopenOnBun(ffi: typeof import("bun:ffi"), name: string) {
  return ffi.dlopen(name, {
    open: { args: ["ptr", "i32", "i32"], returns: "i32" },
    close: { args: ["i32"], returns: "i32" },
    read: { args: ["i32", "ptr", "u64"], returns: "i64" },
    write: { args: ["i32", "ptr", "u64"], returns: "i64" },
    pread: { args: ["i32", "ptr", "u64", "i64"], returns: "i64" },
    pwrite: { args: ["i32", "ptr", "u64", "i64"], returns: "i64" },
    fsync: { args: ["i32"], returns: "i32" },
    mkdir: { args: ["ptr", "u32"], returns: "i32" },
    rmdir: { args: ["ptr"], returns: "i32" },
    unlink: { args: ["ptr"], returns: "i32" },
    lseek: { args: ["i32", "i64", "i32"], returns: "i64" },
    mmap: { args: ["ptr", "u64", "i32", "i32", "i32", "i64"], returns: "ptr" },
    munmap: { args: ["ptr", "u64"], returns: "i32" },
  });
}

function openOnDeno(deno: DenoApi): Libc | undefined {
  const library = firstThatOpens(deno.build.os, (name) => dlopenOnDeno(deno, name));
  if (library === undefined) return undefined;
  const call = (name: keyof typeof DENO_SYMBOLS, ...values: readonly unknown[]) =>
    library.symbols[name]?.(...values);
  return {
    open: (path, flags, mode) => Number(call("open", cString(path), flags, mode)),
    close: (file) => Number(call("close", file)),
    read: (file, into) => Number(call("read", file, into, BigInt(into.length))),
    write: (file, from) => Number(call("write", file, from, BigInt(from.length))),
    pread: (file, into, position) => Number(call("pread", file, into, BigInt(into.length), BigInt(position))),
    pwrite: (file, from, position) =>
      Number(call("pwrite", file, from, BigInt(from.length), BigInt(position))),
    fsync: (file) => Number(call("fsync", file)),
    mkdir: (path, mode) => Number(call("mkdir", cString(path), mode)),
    rmdir: (path) => Number(call("rmdir", cString(path))),
    unlink: (path) => Number(call("unlink", cString(path))),
    size: (file) => Number(call("lseek", file, 0n, SEEK_END)),
    mmap(file, offset, byteLength) {
      const length = BigInt(byteLength);
      const address = call("mmap", null, length, PROT_READ_WRITE, MAP_PRIVATE, file, BigInt(offset)) ?? null;
      if (address === null) return undefined;
      const unmap = () => void call("munmap", address, length);
      try {
        if (deno.UnsafePointer.value(address) === 0xffff_ffff_ffff_ffffn) return undefined;
        return { buffer: deno.UnsafePointerView.getArrayBuffer(address, byteLength), unmap };
      } catch {
        // Reading memory requires the permission for foreign functions, which may have been revoked since.
        unmap();
        return undefined;
      }
    },
  };
}

const DENO_SYMBOLS = {
  open: { parameters: ["buffer", "i32", "i32"], result: "i32" },
  close: { parameters: ["i32"], result: "i32" },
  read: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  write: { parameters: ["i32", "buffer", "usize"], result: "isize" },
  pread: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  pwrite: { parameters: ["i32", "buffer", "usize", "i64"], result: "isize" },
  fsync: { parameters: ["i32"], result: "i32" },
  mkdir: { parameters: ["buffer", "u32"], result: "i32" },
  rmdir: { parameters: ["buffer"], result: "i32" },
  unlink: { parameters: ["buffer"], result: "i32" },
  lseek: { parameters: ["i32", "i64", "i32"], result: "i64" },
  mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
  munmap: { parameters: ["pointer", "usize"], result: "i32" },
} as const;

function dlopenOnDeno(deno: DenoApi, name: string) {
  return deno.dlopen(name, DENO_SYMBOLS);
}

function cString(text: string): Uint8Array {
  return new TextEncoder().encode(`${text}\0`);
}

/** Linux with glibc, Linux without, macOS. */
function firstThatOpens<T>(system: string, open: (name: string) => T): T | undefined {
  for (const name of system === "darwin" ? ["libSystem.B.dylib"] : ["libc.so.6", "libc.so"]) {
    try {
      return open(name);
    } catch {
      // No library of this name, or no permission for foreign functions.
    }
  }
  return undefined;
}
