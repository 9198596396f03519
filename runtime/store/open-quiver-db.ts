import { DatabaseSync } from "node:sqlite";

/** While it is opened nobody waits for an answer yet. */
const OPEN_MS = 2_000;

/** Writing holds everything else up: what cannot be written by then is written later. */
const BUSY_MS = 10;

/**
 * Opens `quiver.db` with the tables of `schema`, where they are missing, and forgets what is too old. Another process
 * that holds the file for writing is waited for a moment only.
 */
export function openQuiverDb(
  path: string,
  schema: string,
  forget: (database: DatabaseSync) => void,
): DatabaseSync {
  const database = new DatabaseSync(path);
  try {
    // NORMAL with WAL: a power cut may lose the last records, never damage the file; a killed process loses none.
    // A record is some ten pages: at the usual limit every hundredth call would wait for the disk.
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
    // What is too old is forgotten the next time: who wants to read must not have to wait until it can be written.
  }
  return database;
}
