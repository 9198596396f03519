import type { ColumnType } from "./column-type.ts";
import { FlatReader } from "./flatbuffer-reader.ts";
import { bool, i16, i32, i64, string, table, tables, u8, type FlatNode } from "./flatbuffer-writer.ts";

/**
 * How a column is stored in Arrow. `bool` is Arrow's bitmap, `uint8` one byte per value (a boolean in a column file),
 * and `dictionary` is `dictionary<int32, utf8>`, as used for `symbol`.
 */
export type ArrowType = ColumnType | "uint8" | "dictionary";

export interface ArrowField {
  readonly name: string;
  readonly type: ArrowType;
  readonly nullable: boolean;
  /** The id of the dictionary batch of a `dictionary` field; 0 when left out. */
  readonly dictionaryId?: number;
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface ArrowSchema {
  readonly fields: readonly ArrowField[];
  readonly metadata?: Readonly<Record<string, string>>;
}

/** MetadataVersion.V5 of Arrow's Schema.fbs: the layout since 1.0. */
export const METADATA_VERSION = 4;

/** The `Schema` table of Schema.fbs. */
export function schemaNode(schema: ArrowSchema): FlatNode {
  return table(i16(0), tables(schema.fields.map(fieldNode)), keyValues(schema.metadata));
}

/**
 * Decodes a `Schema` table; undefined if it contains a type that Quiver does not write. Everything in it is validated,
 * so that an accepted schema can be passed to a library that trusts every count it finds.
 */
export function readSchema(reader: FlatReader): ArrowSchema | undefined {
  checkFields(reader.tables(1), { left: FIELDS_MAX });
  const fields = reader.tables(1).map(readField);
  const metadata = readKeyValues(reader, 2);
  return fields.every((field) => field !== undefined)
    ? { fields, ...(metadata === undefined ? {} : { metadata }) }
    : undefined;
}

/**
 * The maximum number of fields, including nested ones, and their metadata entries; offsets could make a damaged schema
 * endless.
 */
const FIELDS_MAX = 100_000;

function checkFields(fields: readonly FlatReader[], budget: { left: number }): void {
  for (const field of fields) {
    field.string(0);
    budget.left -= 1 + field.tables(6).length;
    if (budget.left < 0) throw new RangeError("the schema has no end");
    checkFields(field.tables(5), budget);
  }
}

/** The type's number in the `Type` union, and its table. */
function typeNode(type: ArrowType): readonly [union: number, node: FlatNode] {
  switch (type) {
    case "int32":
      return [2, table(i32(32), bool(true))];
    case "int64":
      return [2, table(i32(64), bool(true))];
    case "uint8":
      return [2, table(i32(8), bool(false))];
    case "float32":
      return [3, table(i16(1))];
    case "float64":
      return [3, table(i16(2))];
    // A dictionary field states the type of its values; the type of its indices is stored beside it.
    case "dictionary":
    case "utf8":
      return [5, table()];
    case "bool":
      return [6, table()];
    case "date32":
      return [8, table(i16(0))];
    case "timestamp":
      return [10, table(i16(2), string("UTC"))];
  }
}

function fieldNode(field: ArrowField): FlatNode {
  const [union, node] = typeNode(field.type);
  const dictionary =
    field.type === "dictionary"
      ? table(i64(field.dictionaryId ?? 0), table(i32(32), bool(true)), bool(false))
      : null;
  // The C++ reader requires the vector of children, even an empty one.
  return table(
    string(field.name),
    bool(field.nullable),
    u8(union),
    node,
    dictionary,
    tables([]),
    keyValues(field.metadata),
  );
}

function readField(reader: FlatReader): ArrowField | undefined {
  const name = reader.string(0);
  const dictionary = reader.table(4);
  const valueType = readType(reader.u8(2), reader.table(3));
  if (name === undefined || valueType === undefined) return undefined;
  const metadata = readKeyValues(reader, 6);
  const shared = { name, nullable: reader.u8(1) !== 0, ...(metadata === undefined ? {} : { metadata }) };
  if (dictionary === undefined) return { ...shared, type: valueType };
  const index = dictionary.table(1);
  const isOurs = valueType === "utf8" && (index === undefined || (index.i32(0) === 32 && index.u8(1) === 1));
  return isOurs ? { ...shared, type: "dictionary", dictionaryId: dictionary.i64(0) } : undefined;
}

function readType(union: number, node: FlatReader | undefined): Exclude<ArrowType, "dictionary"> | undefined {
  if (node === undefined) return undefined;
  if (union === 2) {
    const width = node.i32(0);
    if (node.u8(1) === 0) return width === 8 ? "uint8" : undefined;
    return width === 32 ? "int32" : width === 64 ? "int64" : undefined;
  }
  if (union === 3) return node.i16(0) === 1 ? "float32" : node.i16(0) === 2 ? "float64" : undefined;
  if (union === 5) return "utf8";
  if (union === 6) return "bool";
  if (union === 8) return node.i16(0, 1) === 0 ? "date32" : undefined;
  if (union === 10) return node.i16(0) === 2 && node.string(1) === "UTC" ? "timestamp" : undefined;
  return undefined;
}

function keyValues(metadata: Readonly<Record<string, string>> | undefined): FlatNode | null {
  if (metadata === undefined) return null;
  return tables(Object.entries(metadata).map(([key, value]) => table(string(key), string(value))));
}

export function readKeyValues(reader: FlatReader, slot: number): Record<string, string> | undefined {
  if (!reader.has(slot)) return undefined;
  return Object.fromEntries(
    reader.tables(slot).map((entry) => [entry.string(0) ?? "", entry.string(1) ?? ""]),
  );
}
