import { QuiverError, type ErrorCode } from "../../shared/errors/index.ts";

/** Turns an unknown name in a path into a 404; in a body the same name would be a 400. */
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
