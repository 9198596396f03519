import { type Data, tableFromIPC, Type, type Vector } from "apache-arrow";
import { formatDate, formatInstant } from "../../shared/time/index.ts";

/** A column as it was received. A value has no meaning if `valid` is 0. */
export interface ResultColumn {
  readonly values: ArrayLike<number | bigint | string>;
  readonly valid: Uint8Array;
}

/** The rows of one symbol in a result. */
export interface SymbolRange {
  readonly symbol: string;
  readonly first: number;
  readonly end: number;
}

/** A result of a function, decoded: by symbol, then by time. */
export interface ResultRows {
  readonly rowCount: number;
  /** One range per symbol; a single one named "" if the result has no symbols. */
  readonly symbols: readonly SymbolRange[];
  /** Days or microseconds; row numbers if the result has no time. */
  readonly ts: Float64Array;
  readonly tsText: (ts: number) => string;
  readonly columns: ReadonlyMap<string, ResultColumn>;
}

/** Decodes an Arrow stream. Numbers are kept as they are, so that their bits can be compared. */
export function readResultRows(bytes: Uint8Array): ResultRows {
  const table = tableFromIPC(bytes);
  const rowCount = table.numRows;
  const columns = new Map<string, ResultColumn>();
  for (const { name } of table.schema.fields) {
    const vector = table.getChild(name);
    if (vector !== null && name !== "symbol" && name !== "ts") columns.set(name, readColumn(vector));
  }
  const symbol = table.getChild("symbol");
  const ts = table.getChild("ts");
  const isDate = ts !== null && String(ts.type).startsWith("Date");
  return {
    rowCount,
    symbols: symbol === null ? [{ symbol: "", first: 0, end: rowCount }] : rangesOf(symbol),
    ts: ts === null ? Float64Array.from({ length: rowCount }, (_, row) => row) : timesOf(ts),
    tsText: (value) => (ts === null ? `row ${value}` : isDate ? formatDate(value) : formatInstant(value)),
    columns,
  };
}

function readColumn(vector: Vector): ResultColumn {
  const valid = new Uint8Array(vector.length).fill(1);
  let row = 0;
  const pieces = vector.data.map((data) => {
    if (data.nullCount > 0) for (let i = 0; i < data.length; i++) valid[row + i] = data.getValid(i) ? 1 : 0;
    row += data.length;
    return plainValues(data);
  });
  const [only] = pieces;
  if (pieces.every((piece) => piece !== undefined)) {
    if (pieces.length === 1 && only !== undefined) return { values: only, valid };
    return { values: pieces.flatMap((piece) => Array.from<number | bigint>(piece)), valid };
  }
  const values = Array.from({ length: vector.length }, (_, i) => {
    const value: unknown = vector.get(i);
    return typeof value === "number" || typeof value === "bigint" ? value : String(value);
  });
  return { values, valid };
}

/** The stored numbers of a chunk; undefined for booleans and text, whose bytes are not their values. */
function plainValues({ values, length, typeId }: Data): ArrayLike<number | bigint> | undefined {
  if (typeId === Type.Bool || typeId === Type.Utf8 || typeId === Type.Dictionary) return undefined;
  const plain: ArrayLike<number | bigint> = values;
  return plain.length === length ? plain : Array.from(plain).slice(0, length);
}

function timesOf(vector: Vector): Float64Array {
  const { values } = readColumn(vector);
  return Float64Array.from({ length: vector.length }, (_, row) => Number(values[row]));
}

function rangesOf(vector: Vector): SymbolRange[] {
  const ranges: { symbol: string; first: number; end: number }[] = [];
  for (let row = 0; row < vector.length; row++) {
    const symbol = String(vector.get(row));
    const last = ranges.at(-1);
    if (last?.symbol === symbol) last.end = row + 1;
    else ranges.push({ symbol, first: row, end: row + 1 });
  }
  return ranges;
}
