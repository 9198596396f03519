/**
 * What a dataset's rows are: price bars (checked as such), any other values by symbol and time (factors,
 * fundamentals), or one row of attributes per symbol, without a time.
 */
export type DatasetKind = "bars" | "series" | "attributes";

/**
 * `ordered`: the files, read one after the other, are strictly ascending by (`symbol`, `ts`), have one row per key and
 * no known time; the symbol index gives row ranges. `overlapping`: anything else. A reader must then sort the rows,
 * and choose the latest row per key if the dataset is bitemporal.
 */
export type DatasetLayout = "ordered" | "overlapping";
