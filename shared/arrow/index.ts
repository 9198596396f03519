export {
  decodeFileFooter,
  encodeFileFooter,
  encodePrefix,
  FILE_START,
  recordBatchBlocks,
  type ArrowBlock,
  type FileFooter,
} from "./arrow-file.ts";
export {
  alignedLength,
  ARROW_ALIGNMENT,
  decodeMessage,
  encodeDictionaryBatch,
  encodeRecordBatchHeader,
  encodeSchemaMessage,
  END_OF_STREAM,
  type ArrowMessage,
  type RecordBatchHeader,
  type RecordBatchSpec,
} from "./arrow-message.ts";
export type { ArrowField, ArrowSchema, ArrowType } from "./arrow-schema.ts";
export {
  columnFileLayout,
  readColumnFile,
  type ColumnFile,
  type ColumnFileLayout,
  type ColumnFileSpec,
} from "./column-file.ts";
export {
  allocateColumn,
  COLUMN_BYTE_WIDTH,
  COLUMN_TYPES,
  columnView,
  isColumnType,
  type ColumnArray,
  type ColumnArrays,
  type ColumnType,
  type FixedWidthType,
} from "./column-type.ts";
