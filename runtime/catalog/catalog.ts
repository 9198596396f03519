import type { ErrorRecord } from "../../shared/errors/index.ts";
import type { FunctionDescription, ResolvedFunction } from "../../shared/contract/describe.ts";
import type { FunctionGraph } from "../graph/graph.ts";

/** A function that is there and loads. */
export interface CatalogEntry {
  readonly name: string;
  /** The author's file, relative to the functions directory. */
  readonly file: string;
  /** Absolute path of the bundled module a child imports. */
  readonly module: string;
  /** Over the bundle, which holds every local module and package it imports. */
  readonly codeFingerprint: string;
  /** Every file it was bundled from, absolute. */
  readonly sources: readonly string[];
  readonly description: FunctionDescription;
}

/** A function directory that cannot be used, and why. */
export interface BrokenEntry {
  readonly name: string;
  readonly file: string;
  readonly error: ErrorRecord;
}

export interface Listing {
  readonly functions: readonly CatalogEntry[];
  readonly broken: readonly BrokenEntry[];
}

/** The functions directory as it is at each call: an edit is seen by the next one. */
export interface Catalog {
  /** What reads a function that is not there, or a column it does not give, or itself, is among the broken. */
  list(): Promise<Listing>;
  /** What reads what. */
  graph(): Promise<FunctionGraph>;
  /** Rejects with `unknown-function` (naming near ones) or with what is wrong with it. */
  get(name: string): Promise<CatalogEntry>;
  /** Parses parameters; rejects with `unknown-parameter` or `parameter-invalid`. */
  resolve(entry: CatalogEntry, params: Readonly<Record<string, unknown>>): Promise<ResolvedFunction>;
  close(): Promise<void>;
}
