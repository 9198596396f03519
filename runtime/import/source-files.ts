import { createHash } from "node:crypto";
import { closeSync, createReadStream, openSync, readSync, statSync, type Stats } from "node:fs";
import { createGunzip } from "node:zlib";
import { pipeline } from "node:stream/promises";
import { defined } from "../../shared/defined.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { DatasetSource } from "../store/dataset.ts";

/** A file to import, with the fingerprint of its content. */
export interface SourceFile {
  readonly path: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
  readonly sha256: string;
  readonly format: "csv" | "parquet";
  readonly gzipped: boolean;
}

/**
 * Examines each file and fingerprints its content. A file that cannot be imported at all (missing, a folder, empty,
 * encrypted, cut short) is refused here, before anything is written. A file that was recorded before with the same path,
 * size, time and inode is assumed to have the recorded content.
 */
export async function examineSources(
  paths: readonly string[],
  recorded: readonly DatasetSource[],
  onExamined: (done: number) => void,
  signal: AbortSignal | undefined,
): Promise<SourceFile[]> {
  const known = new Map(recorded.map((source) => [source.path, source]));
  const files: SourceFile[] = [];
  for (const path of paths) {
    signal?.throwIfAborted();
    const stats = statSource(path);
    const { format, gzipped } = recogniseFormat(path, stats.size);
    const same = known.get(path);
    const sha256 =
      same !== undefined && isUnchanged(same, stats) ? same.sha256 : await hashSource(path, gzipped, signal);
    files.push({ path, size: stats.size, mtimeMs: stats.mtimeMs, inode: stats.ino, sha256, format, gzipped });
    onExamined(files.length);
  }
  return files;
}

/** Refuses the import if a file changed after it was fingerprinted. */
export function assertUnchanged(files: readonly SourceFile[]): void {
  for (const file of files) {
    if (isUnchanged(file, statSource(file.path))) continue;
    throw new QuiverError(
      "source-changed",
      `Cannot import ${file.path}: it was modified while it was being read. Nothing was imported; import it again when its writer has finished.`,
      { path: file.path },
    );
  }
}

function isUnchanged(file: { size: number; mtimeMs: number; inode: number }, stats: Stats): boolean {
  return file.size === stats.size && file.mtimeMs === stats.mtimeMs && file.inode === stats.ino;
}

function statSource(path: string): Stats {
  let stats: Stats;
  try {
    stats = statSync(path);
  } catch (cause) {
    throw new QuiverError(
      "source-missing",
      `Cannot import ${path}: there is no such file. Expected the path of a CSV or Parquet file.`,
      { path },
      cause,
    );
  }
  if (stats.isDirectory()) {
    throw new QuiverError(
      "source-missing",
      `Cannot import ${path}: it is a folder. Expected files; pass ${path}/*.csv or ${path}/*.parquet for all in it.`,
      { path },
    );
  }
  if (!stats.isFile()) {
    throw new QuiverError(
      "source-missing",
      `Cannot import ${path}: it is neither a file nor a link to one. Expected a CSV or Parquet file on disk.`,
      { path },
    );
  }
  if (stats.size === 0) {
    throw new QuiverError(
      "source-empty",
      `Cannot import ${path}: it is empty (0 bytes). Expected a CSV or Parquet file.`,
      {
        path,
      },
    );
  }
  return stats;
}

/** Recognises the format of a file by its content, because its name may be wrong. */
function recogniseFormat(path: string, size: number): { format: "csv" | "parquet"; gzipped: boolean } {
  const head = readBytes(path, 0, Math.min(size, 4096));
  const start = textOf(head.subarray(0, 4));
  if (start === "PARE" || start === "PAR1") {
    assertWholeParquet(path, size, start);
    return { format: "parquet", gzipped: false };
  }
  if (/\.(parquet|pq)$/i.test(path)) {
    throw malformed(path, `it does not begin with the bytes "PAR1", so it is not Parquet`, "Parquet file");
  }
  if (head[0] === 0x1f && head[1] === 0x8b) return { format: "csv", gzipped: true };
  for (const [name, magic] of COMPRESSIONS) {
    if (magic.every((byte, at) => head[at] === byte)) {
      throw malformed(path, `it is compressed with ${name}`, "CSV file, plain or gzip, or a Parquet file");
    }
  }
  if (head.includes(0)) {
    throw malformed(
      path,
      "it is binary and not Parquet",
      "CSV file in UTF-8, plain or gzip, or a Parquet file",
    );
  }
  return { format: "csv", gzipped: false };
}

const COMPRESSIONS: readonly (readonly [string, readonly number[]])[] = [
  ["zip", [0x50, 0x4b, 0x03, 0x04]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58]],
];

/** A Parquet file begins and ends with a magic word. `PARE` means that its footer is encrypted. */
function assertWholeParquet(path: string, size: number, start: string): void {
  const end = size >= 12 ? textOf(readBytes(path, size - 4, 4)) : "";
  if (start === "PARE" || end === "PARE") {
    throw new QuiverError(
      "source-encrypted",
      `Cannot import ${path}: it is an encrypted Parquet file. Expected one without encryption; decrypt it first.`,
      { path },
    );
  }
  if (end !== "PAR1") {
    throw malformed(
      path,
      `it does not end with the bytes "PAR1": the Parquet file was cut short`,
      "whole Parquet file",
    );
  }
}

function malformed(path: string, why: string, expected: string): QuiverError {
  return new QuiverError("source-malformed", `Cannot import ${path}: ${why}. Expected a ${expected}.`, {
    path,
  });
}

/**
 * SHA-256 of the file as stored. A gzip stream is also unpacked, because DuckDB reads a truncated one without an error.
 */
async function hashSource(path: string, gzipped: boolean, signal: AbortSignal | undefined): Promise<string> {
  const hash = createHash("sha256");
  const options = { highWaterMark: 1 << 20, ...defined({ signal }) };
  const reading = (async () => {
    for await (const chunk of createReadStream(path, options)) hash.update(toBytes(chunk));
  })();
  await Promise.all([reading, gzipped ? assertWholeGzip(path) : undefined]).catch((error: unknown) => {
    if (error instanceof QuiverError || signal?.aborted === true) throw error;
    throw new QuiverError("source-missing", `Cannot import ${path}: it cannot be read.`, { path }, error);
  });
  return hash.digest("hex");
}

async function assertWholeGzip(path: string): Promise<void> {
  try {
    await pipeline(createReadStream(path), createGunzip(), async (bytes) => {
      for await (const chunk of bytes) toBytes(chunk);
    });
  } catch (cause) {
    throw new QuiverError(
      "source-malformed",
      `Cannot import ${path}: its gzip stream is damaged or was cut short. Expected a whole gzip file.`,
      { path },
      cause,
    );
  }
}

function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  throw new TypeError("a byte stream returned something other than bytes");
}

function readBytes(path: string, position: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let handle: number;
  try {
    handle = openSync(path, "r");
  } catch (cause) {
    throw new QuiverError(
      "source-missing",
      `Cannot import ${path}: it cannot be opened. Expected a file that this user may read.`,
      { path },
      cause,
    );
  }
  try {
    return bytes.subarray(0, readSync(handle, bytes, 0, length, position));
  } finally {
    closeSync(handle);
  }
}

function textOf(bytes: Uint8Array): string {
  return new TextDecoder("latin1").decode(bytes);
}
