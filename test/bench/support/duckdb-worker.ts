import { DuckDBInstance } from "@duckdb/node-api";
import { statSync } from "node:fs";
import { flushFile } from "./flush-file.ts";
import { serveLines } from "./line-worker.ts";

// DuckDB in a warm process of its own, with two threads: runs a statement and, where it wrote a file, flushes it.
const instance = await DuckDBInstance.create(":memory:", { threads: "2" });
const connection = await instance.connect();

await serveLines(async ({ sql, wrote }) => {
  const startedAt = performance.now();
  const rows = (await connection.runAndReadAll(String(sql))).getRowsJson();
  if (typeof wrote === "string") flushFile(wrote);
  const milliseconds = performance.now() - startedAt;
  return { milliseconds, byteLength: typeof wrote === "string" ? statSync(wrote).size : 0, rows };
});
connection.closeSync();
instance.closeSync();
