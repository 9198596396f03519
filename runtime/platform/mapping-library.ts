import { closeSync, openSync } from "node:fs";
import { denoApi, type DenoApi, type DenoLibrary } from "./deno-api.ts";

/** The C library's mapping of files, on either runtime. */
export interface MappingLibrary {
  /** Maps bytes that lie in the file, from an offset that is a multiple of the page size. */
  map(path: string, offset: number, byteLength: number): Mapping;
}

export interface Mapping {
  readonly buffer: ArrayBuffer;
  /** After this, touching the buffer crashes the process. */
  unmap(): void;
}

/** The library, or undefined where foreign functions are not to be had. */
export function openMappingLibrary(): MappingLibrary | undefined {
  const deno = denoApi();
  return deno === undefined ? openOnBun() : openOnDeno(deno);
}

/** The same numbers on Linux and macOS. The views handed to a handler are writable, the file is not. */
const O_RDONLY = 0;
const PROT_READ_WRITE = 3;
const MAP_PRIVATE = 2;

/**
 * Not `Bun.mmap`: that opens every file for writing, and so maps nothing from a read-only file system, where a
 * child has its inputs.
 */
function openOnBun(): MappingLibrary | undefined {
  const ffi = process.getBuiltinModule("bun:ffi") as typeof import("bun:ffi") | undefined;
  const libc = ffi === undefined ? undefined : firstThatOpens(process.platform, (name) => bunLibc(ffi, name));
  if (ffi === undefined || libc === undefined) return undefined;
  const { mmap, munmap } = libc.symbols;
  return {
    map(path, offset, byteLength) {
      const file = openSync(path, "r");
      try {
        const address = mmap(null, byteLength, PROT_READ_WRITE, MAP_PRIVATE, file, offset);
        // (void *)-1 comes as the largest pointer there is.
        if (address === null || address > Number.MAX_SAFE_INTEGER) throw refused(path, offset, byteLength);
        return {
          buffer: ffi.toArrayBuffer(address, 0, byteLength),
          unmap: () => void munmap(address, byteLength),
        };
      } finally {
        closeSync(file);
      }
    },
  };
}

function bunLibc(ffi: typeof import("bun:ffi"), name: string) {
  return ffi.dlopen(name, {
    mmap: { args: ["ptr", "u64", "i32", "i32", "i32", "i64"], returns: "ptr" },
    munmap: { args: ["ptr", "u64"], returns: "i32" },
  });
}

function openOnDeno(deno: DenoApi): MappingLibrary | undefined {
  const libc = firstThatOpens(deno.build.os, (name) => denoLibc(deno, name));
  const { open, close, mmap, munmap } = libc?.symbols ?? {};
  if (open === undefined || close === undefined || mmap === undefined || munmap === undefined)
    return undefined;
  return {
    map(path, offset, byteLength) {
      const file = Number(open(new TextEncoder().encode(`${path}\0`), O_RDONLY));
      if (file < 0) throw new Error(`Cannot map ${path}: the system could not open it.`);
      try {
        const length = BigInt(byteLength);
        const address = mmap(null, length, PROT_READ_WRITE, MAP_PRIVATE, file, BigInt(offset));
        if (address === null || deno.UnsafePointer.value(address) === 0xffff_ffff_ffff_ffffn) {
          throw refused(path, offset, byteLength);
        }
        return {
          buffer: deno.UnsafePointerView.getArrayBuffer(address, byteLength),
          unmap: () => void munmap(address, length),
        };
      } finally {
        close(file);
      }
    },
  };
}

function denoLibc(deno: DenoApi, name: string): DenoLibrary {
  return deno.dlopen(name, {
    open: { parameters: ["buffer", "i32"], result: "i32" },
    close: { parameters: ["i32"], result: "i32" },
    mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
    munmap: { parameters: ["pointer", "usize"], result: "i32" },
  });
}

/** Linux with glibc, Linux without, macOS. */
function firstThatOpens<T>(system: string, open: (name: string) => T): T | undefined {
  for (const name of system === "darwin" ? ["libSystem.B.dylib"] : ["libc.so.6", "libc.so"]) {
    try {
      return open(name);
    } catch {
      // Not under this name, or no permission for foreign functions.
    }
  }
  return undefined;
}

function refused(path: string, offset: number, byteLength: number): Error {
  return new Error(`Cannot map ${path}: the system refused a mapping of ${byteLength} bytes at ${offset}.`);
}
