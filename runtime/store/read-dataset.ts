import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { didYouMean, QuiverError, thereAre } from "../../shared/errors/index.ts";
import { datasetPaths } from "./dataset-paths.ts";
import type { DatasetRecord, SymbolIndex } from "./dataset.ts";

/** The record of a dataset; throws `unknown-dataset`, with the nearest names, when it does not exist. */
export function readDataset(dataDir: string, name: string): DatasetRecord {
  const record = findDataset(dataDir, name);
  if (record !== undefined) return record;
  const known = listDatasets(dataDir);
  const have = thereAre(known, "there is none yet");
  throw new QuiverError(
    "unknown-dataset",
    `Cannot find the dataset ${JSON.stringify(name)}: ${have}.${didYouMean(name, known)} "quiver import <dataset> <files>" makes one.`,
    { dataset: name, known },
  );
}

/** The record of a dataset; undefined when it does not exist. */
export function findDataset(dataDir: string, name: string): DatasetRecord | undefined {
  const path = datasetPaths(dataDir, name).record;
  const text = readIfThere(path);
  if (text === undefined) return undefined;
  const value = parseRecord(path, text);
  if (!isRecord(value)) throw damaged(path, "it is not a dataset record of format 1");
  return value;
}

/** The names of all datasets of a data directory, sorted. */
export function listDatasets(dataDir: string): string[] {
  if (!existsSync(dataDir)) return [];
  return readdirSync(dataDir, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && /^[a-z][a-z0-9-]*$/.test(entry.name))
    .filter((entry) => existsSync(join(dataDir, entry.name, "dataset.json")))
    .map((entry) => entry.name)
    .toSorted();
}

/** The symbol index that a record refers to. */
export function readSymbolIndex(dataDir: string, record: DatasetRecord): SymbolIndex {
  const path = join(datasetPaths(dataDir, record.name).dir, record.index.path);
  const text = readIfThere(path);
  if (text === undefined) throw damaged(path, "it is missing");
  const value = parseRecord(path, text);
  if (!isSymbolIndex(value)) throw damaged(path, "it is not a symbol index of format 1");
  return value;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function parseRecord(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw damaged(path, "it is not JSON", cause);
  }
}

function isRecord(value: unknown): value is DatasetRecord {
  return isFormatOne(value) && "name" in value && "files" in value && Array.isArray(value.files);
}

function isSymbolIndex(value: unknown): value is SymbolIndex {
  return isFormatOne(value) && "symbols" in value && Array.isArray(value.symbols);
}

function isFormatOne(value: unknown): value is object {
  return typeof value === "object" && value !== null && "formatVersion" in value && value.formatVersion === 1;
}

function damaged(path: string, why: string, cause?: unknown): QuiverError {
  return new QuiverError(
    "dataset-damaged",
    `Cannot read ${path}: ${why}. Import the dataset's files again into a new dataset.`,
    { path },
    cause,
  );
}
