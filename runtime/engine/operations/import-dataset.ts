import { importFiles } from "../../import/import-files.ts";
import type { EngineHandler } from "../engine-handler.ts";

/** Imports files on a connection of its own and reports progress. */
export const importDataset: EngineHandler<"import"> = async ({ request }, call, { database, dataDir }) => {
  const connection = await database.instance.connect();
  try {
    return await importFiles(request, {
      connection,
      dataDir,
      signal: call.signal,
      onProgress: (progress) => call.event(progress),
    });
  } finally {
    connection.disconnectSync();
  }
};
