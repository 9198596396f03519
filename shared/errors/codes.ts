/**
 * Every expected failure has one stable code and one HTTP status. The table is the documentation: `what` is
 * shown in the README, and a test compares the two.
 */
export const ERROR_CODES = {
  "child-start-failed": { status: 503, what: "no child process could be started" },
  "children-busy": { status: 429, what: "every child process is busy and the queue for them is full" },
  "column-file-invalid": {
    status: 500,
    what: "a column file in the spool is damaged or was not written by Quiver",
  },
  "data-dir-in-use": { status: 503, what: "another process is writing to the data directory" },
  "data-dir-unwritable": { status: 503, what: "the data directory cannot be written" },
  "not-acceptable": { status: 406, what: "no representation that the caller accepts can be made" },
  "not-found": { status: 404, what: "the path names nothing that exists" },
  "request-malformed": { status: 400, what: "the request is not of the documented shape" },
  stopping: { status: 503, what: "the server is stopping" },
  "unknown-column": { status: 400, what: "a column that the dataset or function does not have" },
  "unknown-dataset": { status: 400, what: "a dataset that does not exist" },
} as const satisfies Record<string, { readonly status: number; readonly what: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
