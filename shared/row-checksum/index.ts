export { type ChecksumSchema, checksumsPerUnit, type ChecksumUnit, rowChecksum } from "./row-checksum.ts";
