export {
  type FeatureBatch,
  type FeatureCodec,
  type FeatureColumn,
  type FeatureColumnSummary,
  type FeatureColumnType,
  type FeatureColumnValues,
  type FeatureParquetOptions,
  type FeatureParquetSummary,
  type FeatureParquetWriter,
  type FeatureUnit,
  type FeatureUnitSummary,
  type FeatureValues,
  ROW_GROUP_ROWS_MAX,
  type TsType,
} from "./feature-parquet-types.ts";
export { createFeatureParquetWriter } from "./feature-parquet-writer.ts";
