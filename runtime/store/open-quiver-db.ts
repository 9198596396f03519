import { DatabaseSync } from "node:sqlite";

/** The wait for another process while opening, when no caller waits for an answer yet. */
const OPEN_MS = 2_000;

/** Writing blocks the event loop: a write that takes longer is retried later. */
const BUSY_MS = 10;

/**
 * Opens `quiver.db`, makes the tables of `schema` if they are missing, and deletes old rows with `forget`. It waits only
 * a moment for another process that is writing to the file.
 */
export function openQuiverDb(
  path: string,
  schema: string,
  forget: (database: DatabaseSync) => void,
): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // NORMAL with WAL: a power cut may lose the last records, never damage the file; a killed process loses none.
    // A record takes about ten pages: with the default limit every hundredth call would wait for the disk.
    database.exec(`
      PRAGMA busy_timeout = ${OPEN_MS};
      PRAGMA journal_mode = WAL;
      PRAGMA wal_autocheckpoint = 8000;
      PRAGMA synchronous = NORMAL;
    `);
    database.exec(schema);
    database.exec(`PRAGMA busy_timeout = ${BUSY_MS}`);
  } catch (error) {
    database.close();
    throw error;
  }
  try {
    forget(database);
  } catch {
    // Old rows are deleted the next time: a reader must not wait until the file can be written.
  }
  return database;
}
