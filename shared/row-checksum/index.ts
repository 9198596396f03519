export { type ChecksumSchema, checksumsPerUnit, type ChecksumUnit, rowChecksum } from "./row-checksum.ts";
export { decodeUnitFacts, encodeUnitFacts, type FileFacts, type UnitFacts } from "./unit-facts.ts";
