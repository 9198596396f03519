/** `quiver/testing`: runs a function's handler on a small table inside a test, without a server or processes. */
export { runFeature, type FeatureRun } from "./run-feature.ts";
export { runTable, type TableRun } from "./run-table.ts";
export type { ColumnGiven, UnitGiven } from "./unit-given.ts";
