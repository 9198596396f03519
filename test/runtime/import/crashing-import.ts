/**
 * Started by the tests as a process of its own: imports a file and, at the stage and step it is told, dies as if
 * the machine had stopped. Arguments: data directory, source file, stage, step.
 */
import process from "node:process";
import { DuckDBInstance } from "@duckdb/node-api";
import { importFiles } from "../../../runtime/import/import-files.ts";

const [dataDir, file, stage, step] = process.argv.slice(2);
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
let seen = 0;
await importFiles(
  { dataset: "bars", files: [file!] },
  {
    connection: await instance.connect(),
    dataDir: dataDir!,
    rowsPerFile: 1000,
    onProgress(progress) {
      if (progress.stage === stage && ++seen === Number(step)) process.kill(process.pid, "SIGKILL");
    },
  },
);
console.log("imported");
