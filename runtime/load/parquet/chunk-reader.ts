import { closeSync, openSync, readSync } from "node:fs";
import type { ColumnChunk } from "./parquet-metadata.ts";

/** Reads chunks of files, one file open at a time. */
export interface ChunkReader {
  /** Returns the bytes of a chunk, valid until the next one is read. */
  read(path: string, chunk: ColumnChunk): Uint8Array;
  close(): void;
}

/** Creates a reader with one buffer for all chunks, because new memory costs more than reading into it. */
export function createChunkReader(): ChunkReader {
  let buffer = new Uint8Array(0);
  let opened: { readonly path: string; readonly fd: number } | undefined;

  function close(): void {
    if (opened !== undefined) closeSync(opened.fd);
    opened = undefined;
  }

  return {
    close,
    read(path, { offset, byteLength }) {
      if (opened?.path !== path) {
        close();
        opened = { path, fd: openSync(path, "r") };
      }
      if (buffer.length < byteLength) buffer = new Uint8Array(byteLength);
      let read = 0;
      while (read < byteLength) {
        const count = readSync(opened.fd, buffer, read, byteLength - read, offset + read);
        if (count === 0) throw new RangeError(`${path} ends at byte ${offset + read}`);
        read += count;
      }
      return buffer.subarray(0, byteLength);
    },
  };
}
