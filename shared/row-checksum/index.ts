export { type ChecksumSchema, checksumsPerUnit, type ChecksumUnit, rowChecksum } from "./row-checksum.ts";
export {
  decodeUnitFacts,
  encodeUnitFacts,
  type FileFacts,
  LATE_UNITS_FILE,
  type UnitFacts,
} from "./unit-facts.ts";
