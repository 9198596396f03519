import { ERROR_CODES, errorCodeOf } from "../../shared/errors/index.ts";

/** What each exit code of a command means. A test compares the README's table with this one. */
export const EXIT_CODES = {
  done: { code: 0, what: "done" },
  fault: { code: 1, what: "a fault in Quiver itself, or in its files" },
  refused: { code: 2, what: "refused: the arguments, or what they name, are wrong" },
  functionFailed: {
    code: 3,
    what: "the function failed: it threw, exited, broke its contract or took too long",
  },
  tryLater: { code: 4, what: "not now: busy, stopping, in use, or the server does not answer" },
  full: { code: 5, what: "the disk or the spool is full" },
  interrupted: { code: 130, what: "interrupted by Ctrl-C" },
  terminated: { code: 143, what: "ended by SIGTERM" },
} as const;

/** The exit code of a failure: it follows from the HTTP status of its error code. */
export function exitCodeOf(error: unknown): number {
  const code = errorCodeOf(error);
  if (code === undefined) return EXIT_CODES.fault.code;
  const { status } = ERROR_CODES[code];
  // The caller used a key twice: a mistake of theirs, although the status is 422.
  if (code === "idempotency-key-reused") return EXIT_CODES.refused.code;
  if (status === 422 || status === 504) return EXIT_CODES.functionFailed.code;
  if (status === 429 || status === 503) return EXIT_CODES.tryLater.code;
  if (status === 507) return EXIT_CODES.full.code;
  return status >= 500 && status !== 501 ? EXIT_CODES.fault.code : EXIT_CODES.refused.code;
}
