import type { LogicalType } from "@duckdb/node-bindings";
import type { ArrowType } from "../../shared/arrow/index.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import { duckdb } from "../engine/duckdb-bindings.ts";
import type { ColumnAppender } from "./column-appender.ts";
import { BoolAppender, ConvertAppender, CopyAppender } from "./fixed-width-appenders.ts";
import { TextAppender } from "./text-appender.ts";

/** How a column of a result is sent: its Arrow type, how its values are collected, and the strings of an enum. */
export interface ColumnPlan {
  readonly type: ArrowType;
  readonly labels?: readonly string[];
  readonly open: (rowsMax: number) => ColumnAppender;
}

/**
 * The plan for a DuckDB type. Integers are widened to the next supported type; decimals become doubles, enums become
 * dictionaries, UUIDs and times of day become text. Other types throw `sql-type-unsupported`, naming a cast.
 */
export function planColumn(name: string, logicalType: LogicalType): ColumnPlan {
  const { Type } = duckdb;
  const id = duckdb.get_type_id(logicalType);
  switch (id) {
    case Type.BOOLEAN:
      return { type: "bool", open: (rowsMax) => new BoolAppender(rowsMax) };
    case Type.INTEGER:
    case Type.SQLNULL:
      return copied("int32", 4);
    case Type.BIGINT:
      return copied("int64", 8);
    case Type.FLOAT:
      return copied("float32", 4);
    case Type.DOUBLE:
      return copied("float64", 8);
    case Type.DATE:
      return copied("date32", 4);
    case Type.TIMESTAMP:
    case Type.TIMESTAMP_TZ:
      return copied("timestamp", 8);
    case Type.TINYINT:
      return toInt32(1, (view, at) => view.getInt8(at));
    case Type.UTINYINT:
      return toInt32(1, (view, at) => view.getUint8(at));
    case Type.SMALLINT:
      return toInt32(2, (view, at) => view.getInt16(at, true));
    case Type.USMALLINT:
      return toInt32(2, (view, at) => view.getUint16(at, true));
    case Type.UINTEGER:
      return toInt64("int64", 4, (view, at) => BigInt(view.getUint32(at, true)));
    case Type.UBIGINT:
      return toInt64("int64", 8, (view, at) => narrowed(name, view.getBigUint64(at, true)));
    case Type.HUGEINT:
      return toInt64("int64", 16, (view, at) => narrowed(name, int128(view, at)));
    case Type.UHUGEINT:
      return toInt64("int64", 16, (view, at) => narrowed(name, BigInt.asUintN(128, int128(view, at))));
    case Type.TIMESTAMP_S:
      return toInt64("timestamp", 8, (view, at) => view.getBigInt64(at, true) * 1_000_000n);
    case Type.TIMESTAMP_MS:
      return toInt64("timestamp", 8, (view, at) => view.getBigInt64(at, true) * 1000n);
    case Type.TIMESTAMP_NS:
      return toInt64("timestamp", 8, (view, at) => floorDivide(view.getBigInt64(at, true), 1000n));
    case Type.DECIMAL:
      return decimal(logicalType);
    case Type.ENUM:
      return enumeration(logicalType);
    case Type.VARCHAR:
      return { type: "utf8", open: (rowsMax) => new TextAppender(rowsMax) };
    case Type.UUID:
      return { type: "utf8", open: (rowsMax) => new TextAppender(rowsMax, { width: 16, toText: uuidText }) };
    case Type.TIME:
      return { type: "utf8", open: (rowsMax) => new TextAppender(rowsMax, { width: 8, toText: timeText }) };
    default:
      throw unsupported(name, duckdb.Type[id] ?? String(id));
  }
}

function copied(type: ArrowType, width: number): ColumnPlan {
  return { type, open: (rowsMax) => new CopyAppender(width, rowsMax) };
}

function toInt32(width: number, read: (view: DataView, at: number) => number): ColumnPlan {
  return {
    type: "int32",
    open: (rowsMax) =>
      new ConvertAppender(
        width,
        () => new Int32Array(rowsMax),
        (view, at, values, row) => (values[row] = read(view, at)),
      ),
  };
}

function toInt64(
  type: "int64" | "timestamp",
  width: number,
  read: (view: DataView, at: number) => bigint,
): ColumnPlan {
  return {
    type,
    open: (rowsMax) =>
      new ConvertAppender(
        width,
        () => new BigInt64Array(rowsMax),
        (view, at, values, row) => (values[row] = read(view, at)),
      ),
  };
}

function decimal(logicalType: LogicalType): ColumnPlan {
  const { Type } = duckdb;
  const divisor = 10 ** duckdb.decimal_scale(logicalType);
  const storage = duckdb.decimal_internal_type(logicalType);
  const plan = (width: number, read: (view: DataView, at: number) => number): ColumnPlan => ({
    type: "float64",
    open: (rowsMax) =>
      new ConvertAppender(
        width,
        () => new Float64Array(rowsMax),
        (view, at, values, row) => (values[row] = read(view, at) / divisor),
      ),
  });
  if (storage === Type.SMALLINT) return plan(2, (view, at) => view.getInt16(at, true));
  if (storage === Type.INTEGER) return plan(4, (view, at) => view.getInt32(at, true));
  if (storage === Type.BIGINT) return plan(8, (view, at) => Number(view.getBigInt64(at, true)));
  return plan(16, (view, at) => Number(int128(view, at)));
}

function enumeration(logicalType: LogicalType): ColumnPlan {
  const { Type } = duckdb;
  const labels = Array.from({ length: duckdb.enum_dictionary_size(logicalType) }, (_, index) =>
    duckdb.enum_dictionary_value(logicalType, index),
  );
  const storage = duckdb.enum_internal_type(logicalType);
  const plan =
    storage === Type.UTINYINT
      ? toInt32(1, (view, at) => view.getUint8(at))
      : storage === Type.USMALLINT
        ? toInt32(2, (view, at) => view.getUint16(at, true))
        : toInt32(4, (view, at) => view.getInt32(at, true));
  return { ...plan, type: "dictionary", labels };
}

function int128(view: DataView, at: number): bigint {
  return (view.getBigInt64(at + 8, true) << 64n) | view.getBigUint64(at, true);
}

function narrowed(name: string, value: bigint): bigint {
  if (BigInt.asIntN(64, value) === value) return value;
  throw new QuiverError(
    "sql-failed",
    `Cannot send the column ${JSON.stringify(name)}: its value ${value} does not fit into int64. Cast it, for example CAST(${name} AS DOUBLE) or CAST(${name} AS VARCHAR).`,
    { column: name },
  );
}

function floorDivide(value: bigint, divisor: bigint): bigint {
  const quotient = value / divisor;
  return value % divisor < 0n ? quotient - 1n : quotient;
}

/** DuckDB stores a UUID as a 128-bit number with its highest bit flipped, so that numbers sort like the texts. */
function uuidText(view: DataView, at: number): string {
  const value = BigInt.asUintN(128, int128(view, at)) ^ (1n << 127n);
  const hex = value.toString(16).padStart(32, "0");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

function timeText(view: DataView, at: number): string {
  const micros = Number(view.getBigInt64(at, true));
  const two = (value: number) => String(Math.floor(value)).padStart(2, "0");
  const fraction = micros % 1_000_000;
  const seconds = `${two(micros / 3_600_000_000)}:${two((micros / 60_000_000) % 60)}:${two((micros / 1_000_000) % 60)}`;
  return fraction === 0 ? seconds : `${seconds}.${String(fraction).padStart(6, "0")}`;
}

function unsupported(name: string, type: string): QuiverError {
  const quoted = JSON.stringify(name);
  const cast =
    type === "INTERVAL"
      ? `epoch(${quoted}) for seconds`
      : ["LIST", "STRUCT", "MAP", "ARRAY", "UNION", "VARIANT"].includes(type)
        ? `CAST(to_json(${quoted}) AS VARCHAR), or unnest(${quoted}) for a row per element`
        : type === "BLOB"
          ? `hex(${quoted})`
          : `CAST(${quoted} AS VARCHAR)`;
  return new QuiverError(
    "sql-type-unsupported",
    `Cannot send the column ${quoted}: results do not support its type ${type}. Write ${cast}.`,
    { column: name, type },
  );
}
