import type { ErrorRecord } from "../../shared/errors/index.ts";
import type { FunctionDescription, ResolvedFunction } from "../../shared/contract/describe.ts";
import type { FunctionGraph } from "../graph/graph.ts";

/** A function that exists and loads. */
export interface CatalogEntry {
  readonly name: string;
  /** The author's file, relative to the functions directory. */
  readonly file: string;
  /** Absolute path of the bundled module a child imports. */
  readonly module: string;
  /** Covers the bundle, which includes every local module and package it imports. */
  readonly codeFingerprint: string;
  /** Absolute paths of the files it was bundled from. */
  readonly sources: readonly string[];
  /** A hash of the code of each file that the fingerprint rests on, by its path relative to the functions directory. */
  readonly fileHashes: Readonly<Record<string, string>>;
  readonly description: FunctionDescription;
}

/** A function directory that cannot be used, with the reason. */
export interface BrokenEntry {
  readonly name: string;
  readonly file: string;
  readonly error: ErrorRecord;
}

export interface Listing {
  readonly functions: readonly CatalogEntry[];
  readonly broken: readonly BrokenEntry[];
}

/** The functions directory as it is at each call: the next call sees an edit. */
export interface Catalog {
  /** Functions that read themselves, a missing function or a missing column are listed as broken. */
  list(): Promise<Listing>;
  /** Which function reads which. */
  graph(): Promise<FunctionGraph>;
  /** Rejects with `unknown-function`, naming similar ones, or with the function's own problem. */
  get(name: string): Promise<CatalogEntry>;
  /** Parses parameters; rejects with `unknown-parameter` or `parameter-invalid`. */
  resolve(entry: CatalogEntry, params: Readonly<Record<string, unknown>>): Promise<ResolvedFunction>;
  close(): Promise<void>;
}
