/**
 * Every expected failure has one stable code and one HTTP status. The table is the documentation: `what` is
 * shown in the README, and a test compares the two.
 */
export const ERROR_CODES = {
  "body-too-large": { status: 413, what: "a request body over the limit" },
  "child-start-failed": { status: 503, what: "no child process could be started" },
  "children-busy": { status: 429, what: "every child process is busy and the queue for them is full" },
  "column-file-invalid": {
    status: 500,
    what: "a column file in the spool is damaged or was not written by Quiver",
  },
  "data-dir-in-use": { status: 503, what: "another process is writing to the data directory" },
  "data-dir-unwritable": { status: 503, what: "the data directory cannot be written" },
  "dataset-conflict": { status: 409, what: "an import that does not fit the dataset there is" },
  "dataset-damaged": { status: 500, what: "a dataset's own files are missing or damaged" },
  "disk-full": { status: 507, what: "the disk is full" },
  "forbidden-host": { status: 403, what: "a Host header that does not name this machine" },
  "import-ambiguous": {
    status: 400,
    what: "a fact about the files that cannot be inferred and was not given",
  },
  "import-cancelled": { status: 409, what: "an import was stopped by its caller" },
  "internal-error": {
    status: 500,
    what: "a fault of Quiver itself; the log has the details under the id given",
  },
  "invalid-name": { status: 400, what: "a name that does not match [a-z][a-z0-9-]*" },
  "invalid-sessions": { status: 400, what: "trading sessions that make no sense" },
  "invalid-time": { status: 400, what: "a text that is no date or time" },
  "media-type-unsupported": { status: 415, what: "a request body of a media type that is not understood" },
  "method-not-allowed": { status: 405, what: "a method that the path does not have" },
  "not-acceptable": { status: 406, what: "no representation that the caller accepts can be made" },
  "not-found": { status: 404, what: "the path names nothing that exists" },
  "not-implemented": { status: 501, what: "asked for something that is documented for a later version" },
  "nothing-imported": { status: 400, what: "an import of which no row could be kept" },
  "port-in-use": { status: 503, what: "the port to listen on is taken" },
  "request-malformed": { status: 400, what: "the request is not of the documented shape" },
  "server-unreachable": { status: 503, what: "a live server that does not answer" },
  "setting-invalid": {
    status: 400,
    what: "a setting, given as a flag or in the environment, that is not what it must be",
  },
  "source-empty": { status: 400, what: "a file to import without a row" },
  "source-encrypted": { status: 400, what: "a Parquet file to import that is encrypted" },
  "source-malformed": { status: 400, what: "a file to import that is damaged or of no known format" },
  "source-missing": { status: 400, what: "a file to import that does not exist or cannot be read" },
  stopping: { status: 503, what: "the server is stopping" },
  "time-of-day-lost": { status: 400, what: "intraday rows whose times have all become midnight" },
  "timezone-needed": { status: 400, what: "intraday times without a zone, and none given" },
  unauthorized: { status: 401, what: "the bearer token is missing or wrong" },
  "unknown-calendar": { status: 400, what: "a trading calendar that is not known" },
  "unknown-column": { status: 400, what: "a column that the dataset or function does not have" },
  "unknown-dataset": { status: 400, what: "a dataset that does not exist" },
  "unknown-feature": { status: 400, what: "a feature set that does not exist" },
  "unknown-timezone": { status: 400, what: "a time zone that is not known" },
} as const satisfies Record<string, { readonly status: number; readonly what: string }>;

export type ErrorCode = keyof typeof ERROR_CODES;
