import { createHash } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { datasetPaths } from "../../runtime/store/dataset-paths.ts";
import { storedFiles, type DatasetRecord } from "../../runtime/store/dataset.ts";

/** How a file on disk compares with its record: `touched` has another time or inode, but the same content. */
type FileState = "unchanged" | "touched" | "changed" | "missing";

interface FileVerdict {
  readonly path: string;
  readonly state: FileState;
}

interface RecordedFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly mtimeMs: number;
  readonly inode: number;
}

/** Compares the source files of a dataset with what its record says of them. */
export function verifySources(record: DatasetRecord): FileVerdict[] {
  return verifyFiles(record.sources);
}

/** Compares the stored files of a dataset with what its record says of them. */
export function verifyDatasetFiles(dataDir: string, record: DatasetRecord): FileVerdict[] {
  const { dir } = datasetPaths(dataDir, record.name);
  return verifyFiles(
    storedFiles(record).map((file) => ({ ...file, path: join(dir, file.path), size: file.byteLength })),
  );
}

function verifyFiles(files: readonly RecordedFile[]): FileVerdict[] {
  return files.map((file) => ({ path: file.path, state: stateOf(file) }));
}

function stateOf(file: RecordedFile): FileState {
  const stats = statSync(file.path, { throwIfNoEntry: false });
  if (stats === undefined) return "missing";
  if (stats.size !== file.size) return "changed";
  if (stats.mtimeMs === file.mtimeMs && stats.ino === file.inode) return "unchanged";
  const sha256 = createHash("sha256").update(readFileSync(file.path)).digest("hex");
  return sha256 === file.sha256 ? "touched" : "changed";
}
