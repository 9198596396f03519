/** The file with a row set's index, in the row set's directory; the server writes it before it requests columns. */
export const INDEX_FILE = "index.json";

/**
 * The file in which an overlapping row set keeps the position of each stored row, so that a later column needs only
 * one scan.
 */
export const ORDER_FILE = "order.arrow";

/** The file that lists those stored rows, if only the rows of a few symbols were requested. */
export const STORED_ROWS_FILE = "stored-rows.arrow";
