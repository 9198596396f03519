import { QuiverError, type ErrorCode } from "../../shared/errors/index.ts";

/** What a path names and is not there is 404; the same name in a body would be 400. */
export function inPath<T>(codes: readonly ErrorCode[], read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof QuiverError && codes.includes(error.code)) {
      throw new QuiverError("not-found", error.message, error.facts, error);
    }
    throw error;
  }
}
