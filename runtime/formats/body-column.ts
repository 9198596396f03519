import { DataType, TimeUnit, type Data, type Vector } from "apache-arrow";
import { allocateColumn, type ColumnArray, type ColumnType } from "../../shared/arrow/index.ts";
import { bodyInvalid, checkRows } from "./open-arrow-body.ts";
import { codeText } from "./body-text.ts";

/** A column of a body, converted to the wanted type. */
export interface BodyColumn {
  readonly name: string;
  readonly type: ColumnType;
  /** One value per row. For `utf8`, int32 codes into `labels`, -1 for null. For a float, NaN for null. */
  readonly values: ColumnArray;
  /** One byte per row, 1 for a value; null if no value is null, or if the values themselves show it. */
  readonly valid: Uint8Array | null;
  readonly nullCount: number;
  readonly labels: readonly string[] | null;
}

/** What a function, or the key, requires of a column. */
export interface WantedColumn {
  readonly name: string;
  readonly type: ColumnType;
  readonly nullable: boolean;
}

/** Reads one column of a body. Throws, naming the row, where the conversion would lose something silently. */
export function readBodyColumn(vector: Vector, wanted: WantedColumn): BodyColumn {
  const { name, type } = wanted;
  const shared = { name, type, nullCount: vector.nullCount };
  if (type === "utf8") {
    const coded = codeText(name, vector);
    if (coded === undefined) throw wrongType(vector, wanted);
    checkNulls(vector, wanted);
    return { ...shared, values: coded.codes, valid: null, labels: coded.labels };
  }
  const convert = converterOf(vector.type, wanted);
  if (convert === undefined) throw wrongType(vector, wanted);
  checkRows(name, vector);
  const isFloat = type === "float64" || type === "float32";
  // Null floats become NaN; other nulls need bytes of their own and a function that expects them.
  if (!isFloat) checkNulls(vector, wanted);
  const values: ColumnArray = allocateColumn(type, vector.length);
  const valid = vector.nullCount > 0 && !isFloat ? new Uint8Array(vector.length).fill(1) : null;
  let row = 0;
  for (const chunk of vector.data) {
    convert({ chunk, firstRow: row, values });
    if (chunk.nullCount > 0) blankNulls(chunk, row, values, valid, isFloat);
    row += chunk.length;
  }
  return { ...shared, values, valid, labels: null };
}

/** The name of a vector's type as Arrow writes it, such as ` (int64)`. */
export function typeNameOf(vector: Vector): string {
  return String(vector.type);
}

interface Conversion {
  readonly chunk: Data;
  readonly firstRow: number;
  readonly values: ColumnArray;
}

type Convert = (conversion: Conversion) => void;

/** The conversion of an Arrow type to the wanted one; undefined if there is none. */
function converterOf(type: DataType, { name, type: wanted }: WantedColumn): Convert | undefined {
  const isInteger = DataType.isInt(type);
  const isFloat = DataType.isFloat(type) && type.precision > 0;
  switch (wanted) {
    case "float64":
    case "float32":
      return isInteger || isFloat ? numbers((value) => Number(value)) : undefined;
    case "int32":
      return isInteger || isFloat
        ? numbers((value, row) => wholeNumber(name, Number(value), row, 2 ** 31))
        : undefined;
    case "int64":
      if (isFloat) return bigints((value, row) => BigInt(wholeNumber(name, Number(value), row, 2 ** 53)));
      return isInteger ? bigints((value, row) => int64(name, BigInt(value), row)) : undefined;
    case "bool":
      return DataType.isBool(type) ? booleans : undefined;
    case "date32":
      return dates(type, name);
    case "timestamp":
      return instants(type, name);
    case "utf8":
      return undefined;
  }
}

/** Days; instants only if all are midnights, which is how data frames store dates. */
function dates(type: DataType, name: string): Convert | undefined {
  if (DataType.isDate(type) && type.unit === 0) return numbers((value) => Number(value));
  const perDay = DataType.isDate(type)
    ? 86_400_000
    : DataType.isTimestamp(type)
      ? unitsPerSecond(type.unit) * 86_400
      : 0;
  if (perDay === 0) return undefined;
  return numbers((value, row) => {
    const days = Number(value) / perDay;
    if (Number.isInteger(days)) return days;
    throw bodyInvalid(`row ${row} of the column ${JSON.stringify(name)} is no date but has a time of day`, {
      column: name,
      row,
    });
  });
}

/** Microseconds since 1970 in UTC. A time without a zone could be any instant. */
function instants(type: DataType, name: string): Convert | undefined {
  if (DataType.isDate(type)) {
    return type.unit === 0
      ? bigints((value) => BigInt(value) * 86_400_000_000n)
      : bigints((value) => BigInt(value) * 1000n);
  }
  if (!DataType.isTimestamp(type)) return undefined;
  if (type.timezone === null || type.timezone === undefined || type.timezone === "") {
    throw bodyInvalid(
      `the column ${JSON.stringify(name)} has times without a time zone. Say which instants they are: make it timestamp[us, UTC]`,
      { column: name },
    );
  }
  const perSecond = BigInt(unitsPerSecond(type.unit));
  if (perSecond <= 1_000_000n) {
    const factor = 1_000_000n / perSecond;
    return bigints((value) => BigInt(value) * factor);
  }
  return bigints((value, row) => {
    const nanos = BigInt(value);
    if (nanos % 1000n === 0n) return nanos / 1000n;
    throw bodyInvalid(
      `row ${row} of the column ${JSON.stringify(name)} has nanoseconds. Times are kept in microseconds: round it`,
      { column: name, row },
    );
  });
}

function unitsPerSecond(unit: TimeUnit): number {
  return 1000 ** unit;
}

function numbers(convert: (value: number | bigint, row: number) => number): Convert {
  return ({ chunk, firstRow, values }) => {
    const source: ArrayLike<number | bigint> = chunk.values;
    const target = values as Exclude<ColumnArray, BigInt64Array>;
    for (let row = 0; row < chunk.length; row++) {
      if (chunk.nullCount === 0 || chunk.getValid(row))
        target[firstRow + row] = convert(source[row]!, firstRow + row);
    }
  };
}

function bigints(convert: (value: number | bigint, row: number) => bigint): Convert {
  return ({ chunk, firstRow, values }) => {
    const source: ArrayLike<number | bigint> = chunk.values;
    const target = values as BigInt64Array;
    for (let row = 0; row < chunk.length; row++) {
      if (chunk.nullCount === 0 || chunk.getValid(row))
        target[firstRow + row] = convert(source[row]!, firstRow + row);
    }
  };
}

const booleans: Convert = ({ chunk, firstRow, values }) => {
  const bits: Uint8Array = chunk.values;
  for (let row = 0; row < chunk.length; row++) {
    const at = chunk.offset + row;
    values[firstRow + row] = (bits[at >> 3]! >> (at & 7)) & 1;
  }
};

function blankNulls(
  chunk: Data,
  firstRow: number,
  values: ColumnArray,
  valid: Uint8Array | null,
  isFloat: boolean,
): void {
  for (let row = 0; row < chunk.length; row++) {
    if (chunk.getValid(row)) continue;
    if (values instanceof BigInt64Array) values[firstRow + row] = 0n;
    else values[firstRow + row] = isFloat ? Number.NaN : 0;
    if (valid !== null) valid[firstRow + row] = 0;
  }
}

function wholeNumber(name: string, value: number, row: number, limit: number): number {
  if (Number.isInteger(value) && value >= -limit && value < limit) return value;
  throw bodyInvalid(
    `row ${row} of the column ${JSON.stringify(name)} is ${value}, expected a whole number from ${-limit} to ${limit - 1}`,
    { column: name, row },
  );
}

function int64(name: string, value: bigint, row: number): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw bodyInvalid(`row ${row} of the column ${JSON.stringify(name)} is ${value}, beyond int64`, {
    column: name,
    row,
  });
}

function checkNulls(vector: Vector, { name, nullable }: WantedColumn): void {
  if (nullable || vector.nullCount === 0) return;
  const row = firstNull(vector);
  throw bodyInvalid(
    `the column ${JSON.stringify(name)} is null in row ${row} (and ${vector.nullCount - 1} more). ` +
      "Leave such rows out, or declare the input nullable",
    { column: name, row, nullCount: vector.nullCount },
  );
}

/** The first row, counted from 0, without a value; -1 if every row has one. */
function firstNull(vector: Vector): number {
  for (let row = 0; row < vector.length; row++) if (!vector.isValid(row)) return row;
  return -1;
}

function wrongType(vector: Vector, { name, type }: WantedColumn) {
  return bodyInvalid(
    `its column ${JSON.stringify(name)} is ${typeNameOf(vector)}, expected ${EXPECTED[type]}`,
    { column: name, type: typeNameOf(vector), wanted: type },
  );
}

const EXPECTED: Readonly<Record<ColumnType, string>> = {
  float64: "float64, float32 or an integer",
  float32: "float32, float64 or an integer",
  int32: "int32 or another integer",
  int64: "int64 or another integer",
  bool: "bool",
  utf8: "text (utf8, large_utf8, or a dictionary of it)",
  date32: "date32, date64, or a timestamp that is midnight in every row",
  timestamp: "timestamp with a time zone, or date64",
};
