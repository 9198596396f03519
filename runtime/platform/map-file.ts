import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { checkWindow, type FileWindow } from "./file-window.ts";
import { openLibc, type Libc } from "./libc.ts";

export type { FileWindow } from "./file-window.ts";

/** How the bytes were obtained: mapped, or read into memory where mapping is impossible. */
export type MappingKind = "mmap" | "read";

/** Maps files until it is closed; existing mappings remain valid. */
export interface FileMapper {
  mapFile(path: string, window?: FileWindow): Uint8Array;
  readonly kind: MappingKind;
  /** Forgets the foreign functions, so that nothing that runs later can reach them. Idempotent. */
  close(): void;
}

export interface FileMapperOptions {
  /**
   * Whether a mapping ends once nothing refers to its buffer, for long-lived processes. Must be off where author code
   * receives the arrays: it could transfer a buffer's memory to another buffer, and would then lose it.
   */
  readonly unmap?: boolean;
}

/**
 * Creates a mapper for this runtime. Mappings are private and copy-on-write: a write changes this process's pages
 * only, never the file. The foreign functions live in this closure and nowhere else, because on Deno they remain
 * callable after the permission that allowed them is revoked.
 */
export function createFileMapper({ unmap = true }: FileMapperOptions = {}): FileMapper {
  const libc = openLibc();
  let map: MapWindow | undefined = libc === undefined ? readWindow : mappingBy(libc, unmap);
  return {
    kind: libc === undefined ? "read" : "mmap",
    mapFile(path, window = {}) {
      if (map !== undefined) return map(path, window);
      throw new Error(
        `Cannot map ${path}: privileges have been dropped, and files must be mapped before that.`,
      );
    },
    close() {
      map = undefined;
    },
  };
}

/** Maps one file. A process that maps many should create one mapper. */
export function mapFile(path: string, window: FileWindow = {}): Uint8Array {
  return createFileMapper().mapFile(path, window);
}

type MapWindow = (path: string, window: FileWindow) => Uint8Array;

/** A multiple of every page size in use (4, 16 and 64 KiB): a mapping starts at a page. */
const ALIGNMENT = 65_536;

const O_RDONLY = 0;

/**
 * Uses the C library on Bun too: `Bun.mmap` opens every file for writing, and therefore cannot map from the read-only
 * file system in which a child has its inputs.
 */
function mappingBy(libc: Libc, unmap: boolean): MapWindow {
  const unmapping = new FinalizationRegistry((end: () => void) => end());
  return (path, window) => {
    const file = libc.open(path, O_RDONLY, 0);
    if (file < 0) throw new Error(`Cannot map ${path}: it does not exist or may not be read.`);
    try {
      const { offset, byteLength } = checkWindow(path, window, libc.size(file));
      if (byteLength === 0) return new Uint8Array(0);
      const skipped = offset % ALIGNMENT;
      const mapped = libc.mmap(file, offset - skipped, byteLength + skipped);
      if (mapped === undefined) return readBy(libc, file, { path, offset, byteLength });
      if (unmap) unmapping.register(mapped.buffer, () => mapped.unmap());
      return new Uint8Array(mapped.buffer, skipped, byteLength);
    } finally {
      libc.close(file);
    }
  };
}

/** For files that can be opened but not mapped: on some file systems, and on Deno once privileges are dropped. */
function readBy(
  libc: Libc,
  file: number,
  {
    path,
    offset,
    byteLength,
  }: { readonly path: string; readonly offset: number; readonly byteLength: number },
): Uint8Array {
  const bytes = new Uint8Array(byteLength);
  for (let filled = 0; filled < byteLength;) {
    const count = libc.pread(file, bytes.subarray(filled), offset + filled);
    if (count <= 0)
      throw new Error(`Cannot read ${path}: reading ended or failed at byte ${offset + filled}.`);
    filled += count;
  }
  return bytes;
}

function readWindow(path: string, window: FileWindow): Uint8Array {
  const file = openSync(path, "r");
  try {
    const { offset, byteLength } = checkWindow(path, window, fstatSync(file).size);
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
