import { ERROR_CODES, type ErrorCode } from "./codes.ts";

/** Facts about a failure besides its message, as plain JSON so that they cross processes and HTTP unchanged. */
export type ErrorFacts = Readonly<Record<string, unknown>>;

/** An expected condition. Recognise it by `code`, never by `instanceof`: errors cross processes. */
export class QuiverError extends Error {
  override readonly name = "QuiverError";
  readonly code: ErrorCode;
  readonly facts: ErrorFacts;

  constructor(code: ErrorCode, message: string, facts: ErrorFacts = {}, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.facts = facts;
  }
}

/** The form in which an error crosses a process boundary. */
export interface ErrorRecord {
  readonly code: ErrorCode;
  readonly message: string;
  readonly facts: ErrorFacts;
}

export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(ERROR_CODES, value);
}

/** The error's code, or undefined when the error is not a QuiverError (a bug, or a system error). */
export function errorCodeOf(error: unknown): ErrorCode | undefined {
  const code = typeof error === "object" && error !== null && "code" in error ? error.code : undefined;
  return isErrorCode(code) ? code : undefined;
}

export function toErrorRecord(error: QuiverError): ErrorRecord {
  return { code: error.code, message: error.message, facts: error.facts };
}

export function fromErrorRecord(record: ErrorRecord): QuiverError {
  return new QuiverError(record.code, record.message, record.facts);
}
