import { errorCodeOf, isDiskFull, messageOf, QuiverError } from "../../shared/errors/index.ts";

/**
 * Turns an error from the file system or DuckDB into one for the user. Our own errors and bugs are returned unchanged.
 * DuckDB's errors have no codes, so they are recognised by their wording.
 */
export function toImportError(error: unknown, doing: string, signal?: AbortSignal): unknown {
  if (errorCodeOf(error) !== undefined) return error;
  const message = messageOf(error);
  if (signal?.aborted === true) {
    return new QuiverError(
      "import-cancelled",
      `Stopped ${doing}: the import was cancelled. Nothing was changed.`,
    );
  }
  const code = systemCodeOf(error);
  if (isDiskFull(error)) {
    return new QuiverError(
      "disk-full",
      `Cannot continue ${doing}: the disk is full. Nothing was changed; free some space and run the same command again.`,
      {},
      error,
    );
  }
  if (
    code === "EACCES" ||
    code === "ENOTDIR" ||
    code === "EPERM" ||
    code === "EROFS" ||
    /Permission denied|Read-only file system/i.test(message)
  ) {
    return new QuiverError(
      "data-dir-unwritable",
      `Cannot continue ${doing}: the system refuses it (${firstLine(message)}). Nothing was changed; expected a data directory that this user may write to.`,
      {},
      error,
    );
  }
  if (/Out of Memory Error/i.test(message)) {
    return new QuiverError(
      "import-out-of-memory",
      `Cannot continue ${doing}: the engine's memory limit is too low (${firstLine(message)}). Nothing was changed; raise --engine-memory-bytes or import fewer files at a time.`,
      {},
      error,
    );
  }
  if (/^(Error: )?(Invalid Input|IO|Invalid|Serialization|Conversion) Error/.test(message)) {
    return new QuiverError(
      "source-malformed",
      `Cannot continue ${doing}: a file cannot be read to its end (${firstLine(message)}). Nothing was changed; expected whole CSV or Parquet files.`,
      {},
      error,
    );
  }
  return error;
}

/** The first line of a message, without the SQL that follows it. */
export function firstLine(message: string): string {
  return (message.split("\n")[0] ?? message).trim();
}

function systemCodeOf(error: unknown): string | undefined {
  return typeof error === "object" && error !== null && "code" in error && typeof error.code === "string"
    ? error.code
    : undefined;
}
