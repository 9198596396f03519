/**
 * Started by the tests in a mount namespace of its own, with a file system of two megabytes at the data directory:
 * imports a small file, then one that does not fit, and prints what became of them. Arguments: data directory,
 * small file, large file.
 */
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { DuckDBInstance } from "@duckdb/node-api";
import { importFiles } from "../../../runtime/import/import-files.ts";
import { readDataset } from "../../../runtime/store/read-dataset.ts";
import { verifyDatasetFiles } from "../../support/verify-files.ts";

const [dataDir = "", small = "", large = ""] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const deps = { connection: await instance.connect(), dataDir };
const first = await importFiles({ dataset: "bars", files: [small] }, deps);
const error: unknown = await importFiles({ dataset: "bars", files: [large] }, deps).catch(
  (reason: unknown) => reason,
);
const record = readDataset(dataDir, "bars");
console.log(
  JSON.stringify({
    code: error instanceof Error && "code" in error ? error.code : null,
    message: error instanceof Error ? error.message : null,
    isUnchanged: record.fingerprint === first.fingerprint,
    states: verifyDatasetFiles(dataDir, record).map((file) => file.state),
    bars: readdirSync(join(dataDir, "bars", "bars")).length,
    hasStaging: existsSync(join(dataDir, "bars", ".staging")),
  }),
);
