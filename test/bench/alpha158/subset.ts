/** Columns of alpha158 that polars computes too: these five over each window. */
export const SUBSET = ["roc", "ma", "std", "max", "min"] as const;
export const SUBSET_WINDOWS = [5, 10, 20, 30, 60] as const;
