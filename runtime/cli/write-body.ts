import { existsSync, statSync } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { QuiverError } from "../../shared/errors/index.ts";
import type { ResultFormat } from "../../shared/protocol/result.ts";
import { formatOf } from "../formats/media-types.ts";
import type { Terminal } from "./terminal.ts";

/** The format that a file's extension names, such as `out.parquet`; undefined if it names none. */
export function formatOfFile(path: string): ResultFormat | undefined {
  const extension = /\.([a-z]+)$/i.exec(path)?.[1]?.toLowerCase() ?? "";
  // By convention, `.arrow` is the file format and `.arrows` the stream.
  if (extension === "arrow" || extension === "feather") return "arrow.file";
  return formatOf(extension);
}

/** Writes a body to a file, which appears under its name only when it is complete. Returns its length. */
export async function writeBodyToFile(response: Response, path: string): Promise<number> {
  refuseUnwritable(path);
  const temporary = `${path}.${process.pid}.tmp`;
  let byteLength = 0;
  try {
    const file = await open(temporary, "w");
    try {
      for await (const chunk of response.body ?? []) {
        for (let at = 0; at < chunk.length;) at += (await file.write(chunk, at)).bytesWritten;
        byteLength += chunk.length;
      }
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return byteLength;
}

/** Refuses a file in a folder that does not exist, and a folder in place of a file, before anything is read. */
function refuseUnwritable(path: string): void {
  const folder = dirname(resolve(path));
  const problem = !existsSync(folder)
    ? `the folder ${folder} does not exist. Make it first`
    : statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
      ? "it is a folder. Give the name of a file in it"
      : undefined;
  if (problem === undefined) return;
  throw new QuiverError("output-unwritable", `Cannot write --output ${JSON.stringify(path)}: ${problem}.`, {
    path,
  });
}

export async function writeBodyToTerminal(response: Response, terminal: Terminal): Promise<void> {
  for await (const chunk of response.body ?? []) await terminal.write(chunk);
}
