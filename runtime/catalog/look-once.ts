import type { Catalog, CatalogEntry } from "./catalog.ts";

export type CatalogReader = Pick<Catalog, "get" | "resolve">;

/**
 * Reads a catalog on behalf of one request: each function's files are checked for edits the first time it is asked
 * for. A request asks for a function several times and must see one state of it; checking 150 files takes a quarter
 * of a millisecond.
 */
export function lookOnce(catalog: CatalogReader): CatalogReader {
  const entries = new Map<string, Promise<CatalogEntry>>();
  return {
    get(name) {
      const entry = entries.get(name) ?? catalog.get(name);
      entries.set(name, entry);
      return entry;
    },
    resolve: (entry, params) => catalog.resolve(entry, params),
  };
}
