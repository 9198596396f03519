import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Settings } from "../../../runtime/settings.ts";
import { DAILY_COLUMNS, makeDataset } from "../../support/make-dataset.ts";
import { openFunctions } from "../../support/open-functions.ts";

/** Closes in eighths, so that they are the same on every machine. */
const FIXED = `
  SELECT 'S' || i AS symbol, DATE '2024-01-01' + d::INTEGER AS ts, c::FLOAT AS open, c::FLOAT AS high, c::FLOAT AS low,
         c::FLOAT AS close, 1000::DOUBLE AS volume
  FROM (SELECT i, d, 100 + ((i * 7919 + d * 104729 + d * d * 31) % 1000) / 8 AS c FROM range(4) s(i), range(100) t(d))`;

/** A data directory with a small dataset to publish from, and what is published there. */
export async function openPublishing() {
  const dataDir = mkdtempSync(join(tmpdir(), "quiver-publish-"));
  await makeDataset({ dataDir, name: "demo", columns: DAILY_COLUMNS, files: [FIXED] });
  let functions = await openFunctions({ dataDir });
  const setDir = (name: string, kind = "features") => join(dataDir, "demo", kind, name);
  return {
    dataDir,
    get functions() {
      return functions;
    },
    /** Ends everything that runs, and starts anew on the same data. */
    async reopen(settings: Partial<Settings> = {}) {
      await functions.close();
      functions = await openFunctions({ dataDir, settings });
    },
    publish: (name: string, request: object = {}) => functions.publish({ function: name, ...request }),
    setDir,
    current: (name: string, kind = "features") =>
      (JSON.parse(readFileSync(join(setDir(name, kind), "current.json"), "utf8")) as { version: string })
        .version,
    versions: (name: string) =>
      readdirSync(setDir(name)).filter((entry) => !entry.startsWith(".") && entry !== "current.json"),
    async close() {
      await functions.close();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

export type Publishing = Awaited<ReturnType<typeof openPublishing>>;
