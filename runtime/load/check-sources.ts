import { createHash } from "node:crypto";
import { createReadStream, statSync } from "node:fs";
import { join } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";
import { datasetPaths } from "../store/dataset-paths.ts";
import { storedFiles, type DatasetFile, type DatasetRecord } from "../store/dataset.ts";

/** Checks that a dataset's files are still the imported ones. */
export interface SourceChecker {
  /**
   * Compares size, time and inode with the record, which takes microseconds per file; a file that differs is hashed
   * once. Rejects with `dataset-damaged` if a file is missing or has different content.
   */
  check(record: DatasetRecord): Promise<void>;
}

export interface SourceCheckerOptions {
  readonly dataDir: string;
  /** A dataset found unchanged is not checked again for this long, because thousands of files take milliseconds. */
  readonly intervalMs?: number;
  readonly clock?: () => number;
}

export function createSourceChecker({
  dataDir,
  intervalMs = 1_000,
  clock = () => performance.now(),
}: SourceCheckerOptions): SourceChecker {
  const checkedAt = new Map<string, number>();
  /** Stamps of files whose content was correct although the stamp differs from the recorded one. */
  const trusted = new Map<string, string>();

  async function checkFile(record: DatasetRecord, file: DatasetFile): Promise<void> {
    const path = join(datasetPaths(dataDir, record.name).dir, file.path);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat === undefined) throw damaged(record, file, "it is missing");
    if (stat.size === file.byteLength && stat.mtimeMs === file.mtimeMs && stat.ino === file.inode) return;
    if (stat.size !== file.byteLength) {
      throw damaged(
        record,
        file,
        `it has ${stat.size} bytes, but had ${file.byteLength} when it was imported`,
      );
    }
    const stamp = `${stat.mtimeMs}/${stat.ino}`;
    if (trusted.get(path) === stamp) return;
    if ((await sha256Of(path)) !== file.sha256) {
      throw damaged(record, file, "its content is different");
    }
    trusted.set(path, stamp);
  }

  return {
    async check(record) {
      const id = `${record.name} ${record.fingerprint}`;
      const now = clock();
      if (now - (checkedAt.get(id) ?? Number.NEGATIVE_INFINITY) < intervalMs) return;
      for (const file of storedFiles(record)) await checkFile(record, file);
      checkedAt.set(id, now);
    },
  };
}

async function sha256Of(path: string): Promise<string> {
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest("hex");
}

function damaged(record: DatasetRecord, file: DatasetFile, why: string): QuiverError {
  return new QuiverError(
    "dataset-damaged",
    `Cannot use dataset ${JSON.stringify(record.name)}: file ${file.path} has changed since the import: ${why}. Put the file back, or import the dataset's sources again into a new dataset.`,
    { dataset: record.name, file: file.path },
  );
}
