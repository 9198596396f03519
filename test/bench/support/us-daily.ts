import { cpSync, existsSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { BenchContext } from "./bench-part.ts";
import { runQuiver } from "./quiver-server.ts";

export const US_DAILY = fileURLToPath(
  new URL("../../../../shared/data/us-daily/observations.parquet", import.meta.url),
);
const DATASET = "us-daily";

export const hasUsDaily = existsSync(US_DAILY);

/** A data directory with the real daily bars and nothing else, for one part to spoil. */
export async function freshUsDaily({ store, signal, log }: BenchContext, name: string): Promise<string> {
  const imported = join(store.dir, "data-us-daily");
  if (!existsSync(join(imported, DATASET, "dataset.json"))) {
    log("importing us-daily, once");
    await runQuiver(
      ["import", DATASET, US_DAILY, "--known-at", "seen", "--data", imported, "--json"],
      signal,
    );
  }
  const dataDir = join(store.dir, `data-${name}`);
  rmSync(dataDir, { recursive: true, force: true });
  mkdirSync(dataDir, { recursive: true });
  cpSync(join(imported, DATASET), join(dataDir, DATASET), { recursive: true, preserveTimestamps: true });
  return dataDir;
}

/** Everything that publishing makes, gone; the bars stay. */
export function forgetPublished(dataDir: string): void {
  for (const path of ["spool", "quiver.db", "quiver.db-wal", "quiver.db-shm"])
    rmSync(join(dataDir, path), { recursive: true, force: true });
  for (const kind of ["features", "labels"])
    rmSync(join(dataDir, DATASET, kind), { recursive: true, force: true });
}
