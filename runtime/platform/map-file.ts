import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { createRequire } from "node:module";
import { denoApi, type DenoApi, type DenoLibrary } from "./deno-api.ts";

/** Which bytes of a file; left out means from the start, and to the end. */
export interface FileWindow {
  readonly offset?: number;
  readonly byteLength?: number;
}

/** How the bytes got here: mapped, or read into memory where mapping is impossible. */
export type MappingKind = "mmap" | "read";

/** Maps files until it is closed; what was mapped stays mapped. */
export interface FileMapper {
  mapFile(path: string, window?: FileWindow): Uint8Array;
  readonly kind: MappingKind;
  /** Forgets the foreign functions, so that nothing that runs later can reach them. Idempotent. */
  close(): void;
}

/**
 * A mapper for this runtime. Mappings are private and copy-on-write: a write changes this process's pages only,
 * never the file. On Deno the foreign functions live in this closure and nowhere else, because a foreign function
 * stays callable after the permission that made it is gone.
 */
export function createFileMapper(): FileMapper {
  const deno = denoApi();
  let mapWindow = deno === undefined ? bunMapping() : denoMapping(deno);
  const kind: MappingKind = mapWindow === undefined ? "read" : "mmap";
  mapWindow ??= readWindow;
  return {
    kind,
    mapFile(path, window = {}) {
      if (mapWindow === undefined) {
        throw new Error(`Cannot map ${path}: privileges were dropped, and files are mapped before that.`);
      }
      const { offset, byteLength } = checkedWindow(path, window);
      return byteLength === 0 ? new Uint8Array(0) : mapWindow(path, offset, byteLength);
    },
    close() {
      mapWindow = undefined;
    },
  };
}

/** Maps one file: for a process that maps many, make one mapper. */
export function mapFile(path: string, window: FileWindow = {}): Uint8Array {
  const mapper = createFileMapper();
  try {
    return mapper.mapFile(path, window);
  } finally {
    mapper.close();
  }
}

type MapWindow = (path: string, offset: number, byteLength: number) => Uint8Array;

/** A multiple of every page size in use (4, 16 and 64 KiB): a mapping starts at a page. */
const ALIGNMENT = 65_536;

/** The window in numbers; one that leaves the file would crash the process on touch, so it is refused here. */
function checkedWindow(path: string, window: FileWindow): { offset: number; byteLength: number } {
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const offset = window.offset ?? 0;
    const byteLength = window.byteLength ?? Math.max(0, size - offset);
    const whole = Number.isSafeInteger(offset) && Number.isSafeInteger(byteLength);
    if (!whole || offset < 0 || byteLength < 0 || offset + byteLength > size) {
      throw new Error(
        `Cannot map ${path}: bytes ${offset} to ${offset + byteLength} were asked for, the file has ${size}.`,
      );
    }
    return { offset, byteLength };
  } finally {
    closeSync(file);
  }
}

function bunMapping(): MapWindow | undefined {
  if (typeof Bun === "undefined" || typeof Bun.mmap !== "function") return undefined;
  let foreign: MapWindow | undefined;
  return (path, offset, byteLength) => {
    const skipped = offset % ALIGNMENT;
    if (foreign === undefined) {
      try {
        // Bun's default mapping is shared and writable: a handler could change the row set under everybody.
        const mapped = Bun.mmap(path, {
          shared: false,
          offset: offset - skipped,
          size: byteLength + skipped,
        });
        return mapped.subarray(skipped, skipped + byteLength);
      } catch (error) {
        if (!isReadOnlyFileSystem(error)) throw error;
        // Bun opens the file for writing even so; in a sandbox with read-only mounts we open it ourselves.
        foreign = bunForeignMapping();
      }
    }
    return foreign(path, offset, byteLength);
  };
}

/** Mapped for the rest of the process: only for children, which are short. */
function bunForeignMapping(): MapWindow {
  const require = createRequire(import.meta.url);
  const { dlopen, toArrayBuffer } = require("bun:ffi") as typeof import("bun:ffi");
  const { symbols } = dlopen(process.platform === "darwin" ? "libSystem.B.dylib" : "libc.so.6", {
    mmap: { args: ["u64", "u64", "i32", "i32", "i32", "i64"], returns: "ptr" },
  });
  return (path, offset, byteLength) => {
    const file = openSync(path, "r");
    try {
      const skipped = offset % ALIGNMENT;
      // As on Deno: PROT_READ|PROT_WRITE and MAP_PRIVATE.
      const address = symbols.mmap(0, byteLength + skipped, 3, 2, file, offset - skipped);
      if (address === null || Number(address) >= MAP_FAILED) {
        throw new Error(
          `Cannot map ${path}: the system refused a mapping of ${byteLength} bytes at ${offset}.`,
        );
      }
      return new Uint8Array(toArrayBuffer(address, 0, byteLength + skipped), skipped, byteLength);
    } finally {
      closeSync(file);
    }
  };
}

/** `(void *)-1`, as near as a double comes to it. */
const MAP_FAILED = 2 ** 63;

function isReadOnlyFileSystem(error: unknown): boolean {
  return typeof error === "object" && error !== null && "code" in error && error.code === "EROFS";
}

function denoMapping(deno: DenoApi): MapWindow | undefined {
  const libc = openLibc(deno);
  if (libc === undefined) return undefined;
  const { open, mmap, close } = libc.symbols;
  if (open === undefined || mmap === undefined || close === undefined) return undefined;
  return (path, offset, byteLength) => {
    const file = Number(open(new TextEncoder().encode(`${path}\0`), 0));
    if (file < 0) throw new Error(`Cannot map ${path}: the system could not open it.`);
    try {
      const skipped = offset % ALIGNMENT;
      // PROT_READ|PROT_WRITE and MAP_PRIVATE: the views handed to a handler are writable, the file is not.
      const address = mmap(null, BigInt(byteLength + skipped), 3, 2, file, BigInt(offset - skipped));
      if (address === null || deno.UnsafePointer.value(address) === 0xffff_ffff_ffff_ffffn) {
        throw new Error(
          `Cannot map ${path}: the system refused a mapping of ${byteLength} bytes at ${offset}.`,
        );
      }
      const buffer = deno.UnsafePointerView.getArrayBuffer(address, byteLength + skipped);
      return new Uint8Array(buffer, skipped, byteLength);
    } finally {
      close(file);
    }
  };
}

function openLibc(deno: DenoApi): DenoLibrary | undefined {
  const names = deno.build.os === "darwin" ? ["libSystem.B.dylib"] : ["libc.so.6", "libc.so"];
  for (const name of names) {
    try {
      return deno.dlopen(name, {
        open: { parameters: ["buffer", "i32"], result: "i32" },
        mmap: { parameters: ["pointer", "usize", "i32", "i32", "i32", "i64"], result: "pointer" },
        close: { parameters: ["i32"], result: "i32" },
      });
    } catch {
      // Not this name, or no permission for foreign functions: the next name, else the file is read.
    }
  }
  return undefined;
}

function readWindow(path: string, offset: number, byteLength: number): Uint8Array {
  const file = openSync(path, "r");
  try {
    const bytes = new Uint8Array(byteLength);
    let filled = 0;
    while (filled < byteLength) {
      const count = readSync(file, bytes, filled, byteLength - filled, offset + filled);
      if (count === 0)
        throw new Error(`Cannot read ${path}: it ended at ${offset + filled}, bytes were missing.`);
      filled += count;
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}
