import { closeSync, openSync, writeSync } from "node:fs";

const PADDING = new Uint8Array(64);

/** A file written from start to end, which tracks its length and pads to Arrow's 64 bytes. */
export class FileWriter {
  readonly path: string;
  byteLength = 0;
  readonly #fd: number;

  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, "wx");
  }

  write(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) at += writeSync(this.#fd, bytes, at, bytes.length - at);
    this.byteLength += bytes.length;
  }

  /** Writes zeros up to an absolute offset. */
  padTo(offset: number): void {
    while (this.byteLength < offset) this.write(PADDING.subarray(0, Math.min(64, offset - this.byteLength)));
  }

  close(): void {
    closeSync(this.#fd);
  }
}

/** The bytes of any typed array. */
export function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
}
