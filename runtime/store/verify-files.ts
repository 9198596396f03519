import { createHash } from "node:crypto";
import { closeSync, openSync, readSync, statSync } from "node:fs";
import { join } from "node:path";
import { datasetPaths } from "./dataset-paths.ts";
import { storedFiles, type DatasetRecord } from "./dataset.ts";

/** How a file on disk compares with what was recorded of it. */
export type FileState = "unchanged" | "touched" | "changed" | "missing";

export interface FileVerdict {
  readonly path: string;
  readonly state: FileState;
}

/** What was recorded of a file. */
export interface RecordedFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/**
 * Compares files with their records: size, time and inode first, the content's hash only where these differ.
 * `touched` has other facts and the same content (a copy, a restored backup).
 */
export function verifyFiles(files: readonly RecordedFile[]): FileVerdict[] {
  return files.map((file) => ({ path: file.path, state: stateOf(file) }));
}

/** The source files of a dataset, as they are now. */
export function verifySources(record: DatasetRecord): FileVerdict[] {
  return verifyFiles(record.sources);
}

/** The stored files of a dataset, as they are now. A changed or missing one makes its fingerprint a lie. */
export function verifyDatasetFiles(dataDir: string, record: DatasetRecord): FileVerdict[] {
  const { dir } = datasetPaths(dataDir, record.name);
  return verifyFiles(
    storedFiles(record).map((file) => ({ ...file, path: join(dir, file.path), size: file.byteLength })),
  );
}

function stateOf(file: RecordedFile): FileState {
  const stats = statSync(file.path, { throwIfNoEntry: false });
  if (stats === undefined) return "missing";
  if (stats.size !== file.size) return "changed";
  if (stats.mtimeMs === file.mtimeMs && stats.ino === file.inode) return "unchanged";
  return hashFile(file.path) === file.sha256 ? "touched" : "changed";
}

function hashFile(path: string): string {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(1 << 20);
  const handle = openSync(path, "r");
  try {
    for (;;) {
      const length = readSync(handle, buffer, 0, buffer.length, null);
      if (length === 0) return hash.digest("hex");
      hash.update(buffer.subarray(0, length));
    }
  } finally {
    closeSync(handle);
  }
}
