import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { openMappingLibrary } from "./mapping-library.ts";

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

export interface FileMapperOptions {
  /**
   * Whether a mapping ends when nothing refers to its buffer any more: for a process that lives on. Not where
   * author code gets the arrays: it could move a buffer's memory to another buffer, and lose it.
   */
  readonly unmap?: boolean;
}

/**
 * A mapper for this runtime. Mappings are private and copy-on-write: a write changes this process's pages only,
 * never the file. The foreign functions live in this closure and nowhere else, because on Deno one stays callable
 * after the permission that made it is gone.
 */
export function createFileMapper({ unmap = true }: FileMapperOptions = {}): FileMapper {
  const library = openMappingLibrary();
  const unmapping = new FinalizationRegistry((end: () => void) => end());
  let mapWindow: MapWindow | undefined = readWindow;
  if (library !== undefined) {
    mapWindow = (path, offset, byteLength) => {
      const skipped = offset % ALIGNMENT;
      const mapping = library.map(path, offset - skipped, byteLength + skipped);
      if (unmap) unmapping.register(mapping.buffer, () => mapping.unmap());
      return new Uint8Array(mapping.buffer, skipped, byteLength);
    };
  }
  return {
    kind: library === undefined ? "read" : "mmap",
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
  return createFileMapper().mapFile(path, window);
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
