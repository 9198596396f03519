import { resolve } from "node:path";
import { quoteText } from "../../shared/sql-text.ts";
import { duckdb } from "../engine/duckdb-bindings.ts";
import type { Database } from "../engine/database.ts";

/**
 * Permanently restricts a database to reading under the data directory: no other files, no network, no extensions, no
 * settings. Views can still be created. This is a second barrier behind the guard, which lets no query name a file.
 */
export async function lockDatabase(database: Database, dataDir: string): Promise<void> {
  await database.withConnection(new AbortController().signal, async (connection) => {
    const directory = quoteText(`${resolve(dataDir)}/`);
    for (const setting of [
      // This setting exists per connection only, and each query has its own connection.
      "allowed_configs = ['streaming_buffer_size']",
      "allow_community_extensions = false",
      "allow_persistent_secrets = false",
      "autoinstall_known_extensions = false",
      "autoload_known_extensions = false",
      `allowed_directories = [${directory}]`,
      "enable_external_access = false",
      "lock_configuration = true",
    ]) {
      await duckdb.query(connection, `SET GLOBAL ${setting}`);
    }
  });
}
