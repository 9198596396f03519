export { ERROR_CODES, type ErrorCode } from "./codes.ts";
export { isDiskFull } from "./is-disk-full.ts";
export { messageOf } from "./message-of.ts";
export { didYouMean, didYouMeanOrSome, nearestNames, thereAre } from "./nearest-names.ts";
export {
  errorCodeOf,
  fromErrorRecord,
  isErrorCode,
  QuiverError,
  toErrorRecord,
  type ErrorFacts,
  type ErrorRecord,
} from "./quiver-error.ts";
