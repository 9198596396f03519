/**
 * Everything that may occur in the syntax tree of a query, by DuckDB's own names. Queries that use a kind of node which
 * a newer DuckDB introduces are refused until it is added here.
 */

export const QUERY_NODES: ReadonlySet<string> = new Set([
  "SELECT_NODE",
  "SET_OPERATION_NODE",
  "RECURSIVE_CTE_NODE",
]);

export const EXPRESSIONS: ReadonlySet<string> = new Set([
  "BETWEEN",
  "CASE",
  "CAST",
  "COLLATE",
  "COLUMN_REF",
  "COMPARISON",
  "CONJUNCTION",
  "FUNCTION",
  "LAMBDA",
  "OPERATOR",
  "PARAMETER",
  "POSITIONAL_REFERENCE",
  "STAR",
  "SUBQUERY",
  "WINDOW",
]);

/** Unnamed table references, query modifiers, and descriptions of types. */
export const PARTS: ReadonlySet<string> = new Set([
  "ARRAY_TYPE_INFO",
  "ASCENDING",
  "DECIMAL_TYPE_INFO",
  "DESCENDING",
  "DISTINCT_MODIFIER",
  "EMPTY",
  "EXPRESSION_LIST",
  "GENERIC_TYPE_INFO",
  "INTEGER_LITERAL_TYPE_INFO",
  "JOIN",
  "LIMIT_MODIFIER",
  "LIMIT_PERCENT_MODIFIER",
  "LIST_TYPE_INFO",
  "ORDER_DEFAULT",
  "ORDER_MODIFIER",
  "PIVOT",
  "STRING_TYPE_INFO",
  "STRUCT_TYPE_INFO",
  "SUBQUERY",
  "UNBOUND_TYPE_INFO",
]);

/** Keys of objects in the tree that have neither `class` nor `type`. */
export const PLAIN_KEYS: ReadonlySet<string> = new Set([
  "alias",
  "aliases",
  "entries",
  "expr",
  "first",
  "id",
  "is_null",
  "is_percentage",
  "key",
  "key_targets",
  "map",
  "materialized",
  "method",
  "named_param_map",
  "node",
  "pivot_enum",
  "pivot_expressions",
  "query",
  "sample_size",
  "second",
  "seed",
  "star_expr",
  "then_expr",
  "type",
  "type_info",
  "unit",
  "unpivot_names",
  "value",
  "values",
  "when_expr",
]);

/** These list tables and columns. The definitions of views are not among them, because they contain paths. */
export const INFORMATION_TABLES: ReadonlySet<string> = new Set(["columns", "schemata", "tables"]);
