/** `quiver/runtime`: runs functions from a script or a notebook, without a server. Works on Bun and on Deno. */
export { invoke, publish, sql } from "./calls.ts";
export type { InvokeCall, PublishCall, SqlCall } from "./calls.ts";
export { open } from "./open-quiver.ts";
export type { OpenOptions, Quiver } from "./open-quiver.ts";
export { errorCodeOf, QuiverError } from "../../shared/errors/quiver-error.ts";
