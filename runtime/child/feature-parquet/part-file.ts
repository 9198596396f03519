import { closeSync, fsyncSync, openSync, unlinkSync, writeSync } from "node:fs";
import type { Hash } from "node:crypto";
import { BackgroundFlush } from "./background-flush.ts";
import { isDiskFull, QuiverError } from "../../../shared/errors/index.ts";

/** Smaller pieces are collected; larger ones are written directly, without a copy. */
const STAGING_BYTES = 64 * 1024;

/** A file that is written once from start to end, in a few large writes. */
export class PartFile {
  readonly path: string;
  readonly #hash: Hash | undefined;
  readonly #flush: BackgroundFlush | undefined;
  readonly #staging = new Uint8Array(STAGING_BYTES);
  #descriptor: number | undefined;
  #staged = 0;
  #byteLength = 0;

  /** With `fsync`, `close` returns only once the file is on disk. */
  constructor(path: string, { hash, fsync }: { readonly hash: Hash | undefined; readonly fsync: boolean }) {
    this.path = path;
    this.#hash = hash;
    this.#descriptor = attempt(path, () => openSync(path, "w"));
    this.#flush = fsync ? attempt(path, () => new BackgroundFlush(path)) : undefined;
  }

  /** The number of bytes appended so far, which is the file offset of the next byte. */
  get byteLength(): number {
    return this.#byteLength;
  }

  append(bytes: Uint8Array): void {
    this.#open();
    this.#byteLength += bytes.length;
    if (bytes.length > STAGING_BYTES - this.#staged) this.#writeStaged();
    if (bytes.length > STAGING_BYTES) return this.#write(bytes);
    this.#staging.set(bytes, this.#staged);
    this.#staged += bytes.length;
  }

  /** Completes the file; returns its SHA-256 in hex if it was hashed. */
  close(): string | undefined {
    this.#writeStaged();
    const descriptor = this.#open();
    attempt(this.path, () => {
      if (this.#flush !== undefined) fsyncSync(descriptor);
      this.#descriptor = undefined;
      closeSync(descriptor);
    });
    this.#flush?.end();
    return this.#hash?.digest("hex");
  }

  /** Closes and removes the file unless it is complete. */
  abort(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#flush?.end();
    this.#descriptor = undefined;
    // Unlike `rm`, this needs no read permission on Deno.
    unlinkSync(this.path);
  }

  #writeStaged(): void {
    if (this.#staged === 0) return;
    const staged = this.#staging.subarray(0, this.#staged);
    this.#staged = 0;
    this.#write(staged);
  }

  #write(bytes: Uint8Array): void {
    this.#hash?.update(bytes);
    const descriptor = this.#open();
    attempt(this.path, () => {
      // A write may accept fewer bytes than given, for instance when the disk is nearly full.
      for (let done = 0; done < bytes.length;)
        done += writeSync(descriptor, bytes, done, bytes.length - done);
    });
    this.#flush?.wrote(bytes.length);
  }

  #open(): number {
    if (this.#descriptor === undefined) throw new Error(`The Parquet part ${this.path} is already closed`);
    return this.#descriptor;
  }
}

/** Runs a file operation and converts system errors into Quiver errors. */
function attempt<T>(path: string, operation: () => T): T {
  try {
    return operation();
  } catch (cause) {
    if (isDiskFull(cause)) {
      throw new QuiverError(
        "disk-full",
        `Cannot write the Parquet part ${path}: the disk is full. Free some space and publish again.`,
        { path },
        cause,
      );
    }
    const code = typeof cause === "object" && cause !== null && "code" in cause ? cause.code : undefined;
    throw new QuiverError(
      "part-unwritable",
      `Cannot write the Parquet part ${path}: the system answered ${String(code ?? cause)}, expected a writable folder.`,
      { path },
      cause,
    );
  }
}
