/** Name of a row set's index in its directory; the server writes it before it asks for columns. */
export const INDEX_FILE = "index.json";

/** Where an overlapping row set keeps the place of each stored row: with it a later column is one scan. */
export const ORDER_FILE = "order.arrow";

/** Which stored rows those are, where only a few symbols' rows were wanted. */
export const STORED_ROWS_FILE = "stored-rows.arrow";
