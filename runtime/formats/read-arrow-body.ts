import { DataType, type Table, type Vector } from "apache-arrow";
import type { ColumnArray } from "../../shared/arrow/index.ts";
import { didYouMean } from "../../shared/errors/index.ts";
import { readBodyColumn, typeNameOf, type BodyColumn, type WantedColumn } from "./body-column.ts";
import { codeText } from "./body-text.ts";
import { bodyInvalid, checkRows, openArrowBody } from "./open-arrow-body.ts";
import { orderKeys } from "./order-keys.ts";

/** The rows of a body in (symbol, ts) order, one per key. */
export interface ArrowRows {
  readonly rowCount: number;
  /** The symbols that occur, sorted by code point. */
  readonly symbols: readonly string[];
  /** One longer than `symbols`: symbol `i` has rows `firstRows[i]` to `firstRows[i + 1]`. */
  readonly firstRows: readonly number[];
  readonly tsType: "date32" | "timestamp";
  readonly ts: Int32Array | BigInt64Array;
  /** The wanted columns, in their order. */
  readonly columns: readonly BodyColumn[];
}

/**
 * Reads an uploaded Arrow stream or file as the input of a function: `symbol`, `ts`, and the wanted columns in
 * their wanted types. Sorts the rows if necessary and leaves out other columns. Anything that does not fit throws
 * `arrow-body-invalid` with the problem and its row, counted from 0.
 */
export function readArrowBody(bytes: Uint8Array, wanted: readonly WantedColumn[]): ArrowRows {
  const table = openArrowBody(bytes);
  const given = table.schema.fields.map((field) => field.name);
  const vectorOf = (name: string): Vector => {
    const places = given.flatMap((other, index) => (other === name ? [index] : []));
    if (places.length === 1) return vectorAt(table, places[0]!);
    if (places.length > 1)
      throw bodyInvalid(`it has ${places.length} columns called ${JSON.stringify(name)}`, { name });
    throw bodyInvalid(
      `it has no column ${JSON.stringify(name)}. It has ${given.join(", ") || "none"}; ` +
        `expected ${["symbol", "ts", ...wanted.map((column) => column.name)].join(", ")}.${didYouMean(name, given)}`.replace(
          /\.$/,
          "",
        ),
      { missing: name, given },
    );
  };
  const symbol = vectorOf("symbol");
  const ts = vectorOf("ts");
  const columns = wanted.filter(({ name }) => name !== "symbol" && name !== "ts");
  const vectors = columns.map(({ name }) => vectorOf(name));
  const coded = codeText("symbol", symbol);
  if (coded === undefined) throw bodyInvalid(`its column "symbol" is ${typeNameOf(symbol)}, expected text`);
  refuseNullKey("symbol", symbol);
  refuseNullKey("ts", ts);
  checkRows("ts", ts);
  const tsType = timeTypeOf(ts);
  const times = readBodyColumn(ts, { name: "ts", type: tsType, nullable: false }).values;
  if (!(times instanceof Int32Array || times instanceof BigInt64Array))
    throw new Error("ts of an unexpected kind");
  const order = orderKeys(coded, times);
  return {
    rowCount: table.numRows,
    symbols: coded.labels,
    firstRows: order.firstRows,
    tsType,
    ts: order.rows === null ? times : gather(times, order.rows),
    columns: columns.map((column, index) => inOrder(readBodyColumn(vectors[index]!, column), order.rows)),
  };
}

/**
 * Dates stay dates and times of day are instants. Times without a zone, or in milliseconds as `date64`, are dates
 * if all are midnights, which is how data frames store daily data.
 */
function timeTypeOf(ts: Vector): "date32" | "timestamp" {
  const { type } = ts;
  if (DataType.isDate(type)) return type.unit === 0 || isMidnights(ts, 86_400_000) ? "date32" : "timestamp";
  if (!DataType.isTimestamp(type)) {
    throw bodyInvalid(`its column "ts" is ${typeNameOf(ts)}, expected date32 or timestamp[us, UTC]`, {
      column: "ts",
      type: typeNameOf(ts),
    });
  }
  const hasZone = type.timezone !== null && type.timezone !== undefined && type.timezone !== "";
  return !hasZone && isMidnights(ts, 86_400 * 1000 ** type.unit) ? "date32" : "timestamp";
}

function isMidnights(ts: Vector, perDay: number): boolean {
  return ts.data.every((chunk) => {
    const values: ArrayLike<number | bigint> = chunk.values;
    for (let row = 0; row < chunk.length; row++) if (Number(values[row]) % perDay !== 0) return false;
    return true;
  });
}

function vectorAt(table: Table, index: number): Vector {
  const vector = table.getChildAt(index);
  if (vector === null) throw new Error(`column ${index} of a table is missing`);
  return vector;
}

function refuseNullKey(name: string, vector: Vector): void {
  if (vector.nullCount === 0) return;
  let row = 0;
  while (row < vector.length && vector.isValid(row)) row++;
  throw bodyInvalid(
    `the key column ${JSON.stringify(name)} is null in row ${row} (and ${vector.nullCount - 1} more). Every row needs a symbol and a time`,
    { column: name, row, nullCount: vector.nullCount },
  );
}

function inOrder(column: BodyColumn, rows: Int32Array | null): BodyColumn {
  if (rows === null) return column;
  const { values, valid } = column;
  return { ...column, values: gather(values, rows), valid: valid === null ? null : gather(valid, rows) };
}

function gather<T extends ColumnArray>(values: T, rows: Int32Array): T {
  const gathered = values.slice() as T;
  for (let row = 0; row < rows.length; row++) gathered[row] = values[rows[row]!]!;
  return gathered;
}
