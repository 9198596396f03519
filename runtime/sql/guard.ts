import { didYouMean, QuiverError } from "../../shared/errors/index.ts";
import type { AllowedFunctions } from "./allowed-functions.ts";
import { EXPRESSIONS, INFORMATION_TABLES, PARTS, PLAIN_KEYS, QUERY_NODES } from "./allowed-syntax.ts";
import { isObject, placeOf, SHOW_ALL_TABLES, type SqlStatement, type SyntaxNode } from "./sql-statement.ts";

/** The tables and table macros of each schema that FROM may name, in lower case. */
export type SqlNames = ReadonlyMap<
  string,
  { readonly tables: ReadonlySet<string>; readonly macros: ReadonlySet<string> }
>;

/** The tables and macros of our schemas that a statement reads; `all` if it lists tables or columns. */
export interface SqlReferences {
  readonly relations: ReadonlySet<string>;
  readonly all: boolean;
}

/**
 * Walks a statement's whole tree and throws `sql-refused` at the first kind of node, table or function that is not on a
 * list. Anything unknown is refused. Returns what the statement reads.
 */
export function guardStatement(
  statement: SqlStatement,
  names: SqlNames,
  functions: AllowedFunctions,
): SqlReferences {
  const guard = new Guard(statement.query, names, functions);
  guard.query(statement.tree, new Set());
  return { relations: guard.relations, all: guard.all };
}

/** Names of the visible common table expressions, in lower case. */
type Scope = ReadonlySet<string>;

class Guard {
  readonly relations = new Set<string>();
  all = false;
  readonly #text: string;
  readonly #names: SqlNames;
  readonly #functions: AllowedFunctions;

  constructor(text: string, names: SqlNames, functions: AllowedFunctions) {
    this.#text = text;
    this.#names = names;
    this.#functions = functions;
  }

  /** A query node: each common table expression sees those before it, and the rest of the query sees all of them. */
  query(node: SyntaxNode, outer: Scope): void {
    if (!QUERY_NODES.has(textOf(node.type))) throw this.#unknown(node, "query node");
    let scope = outer;
    const ctes = isObject(node.cte_map) && Array.isArray(node.cte_map.map) ? node.cte_map.map : [];
    for (const entry of ctes) {
      if (!isObject(entry)) throw this.#unknown(node, "common table expression");
      // A common table expression does not see itself, so its own name still has its outer meaning.
      this.#any(entry.value, scope);
      scope = new Set([...scope, textOf(entry.key).toLowerCase()]);
    }
    const recursive = node.type === "RECURSIVE_CTE_NODE" ? textOf(node.cte_name).toLowerCase() : undefined;
    for (const [key, value] of Object.entries(node)) {
      if (key === "cte_map") continue;
      // Only the second part of a recursive query may refer to it.
      this.#any(value, key === "right" && recursive !== undefined ? new Set([...scope, recursive]) : scope);
    }
  }

  #any(value: unknown, scope: Scope): void {
    if (Array.isArray(value)) for (const item of value) this.#any(item, scope);
    else if (isObject(value)) this.#object(value, scope);
  }

  #object(node: SyntaxNode, scope: Scope): void {
    if (typeof node.class === "string") this.#expression(node, scope);
    else if (typeof node.type === "string") {
      if (QUERY_NODES.has(node.type)) this.query(node, scope);
      else this.#part(node, node.type, scope);
    } else {
      for (const key of Object.keys(node)) {
        if (!PLAIN_KEYS.has(key)) throw this.#unknown(node, `part of a query with ${JSON.stringify(key)}`);
      }
      // A constant in PIVOT or in a type is user data, not syntax.
      if (!("is_null" in node)) this.#children(node, scope);
    }
  }

  #children(node: SyntaxNode, scope: Scope): void {
    for (const value of Object.values(node)) this.#any(value, scope);
  }

  #expression(node: SyntaxNode, scope: Scope): void {
    const kind = textOf(node.class);
    if (kind === "CONSTANT") return;
    if (!EXPRESSIONS.has(kind)) throw this.#unknown(node, "expression");
    if (kind === "FUNCTION" || kind === "WINDOW") this.#function(node);
    this.#children(node, scope);
  }

  #function(node: SyntaxNode): void {
    const name = textOf(node.function_name);
    const isBuiltIn = isOneOf(node.schema, ["", "main"]) && isOneOf(node.catalog, ["", "system"]);
    if (isBuiltIn && this.#functions.values.has(name.toLowerCase())) return;
    const shown = qualified(node.catalog, node.schema, name);
    throw this.#refused(
      node,
      `it calls the function ${shown}`,
      `${didYouMean(name, [...this.#functions.values]).trimStart()} Allowed are DuckDB's scalar, aggregate and window functions whose results depend only on their arguments.`.trimStart(),
    );
  }

  /** Tables, joins and modifiers: nodes that have a `type` but are not expressions. */
  #part(node: SyntaxNode, type: string, scope: Scope): void {
    if (type === "BASE_TABLE") this.#table(node, scope);
    else if (type === "TABLE_FUNCTION") {
      this.#tableFunction(node, scope);
      return;
    } else if (type === "SHOW_REF") this.#show(node);
    else if (!PARTS.has(type)) throw this.#unknown(node, "part of a query");
    this.#children(node, scope);
  }

  #table(node: SyntaxNode, scope: Scope): void {
    const name = textOf(node.table_name);
    const schema = textOf(node.schema_name).toLowerCase();
    if (schema === "" && textOf(node.catalog_name) === "" && scope.has(name.toLowerCase())) return;
    const shown = qualified(node.catalog_name, node.schema_name, name);
    const isOurCatalogue = isOneOf(node.catalog_name, ["", "memory"]);
    if (isOneOf(node.catalog_name, ["", "system"]) && schema === "information_schema") {
      if (!INFORMATION_TABLES.has(name.toLowerCase())) throw this.#notATable(node, shown);
      this.all = true;
      return;
    }
    const known = isOurCatalogue ? this.#names.get(schema) : undefined;
    if (known === undefined) throw this.#notATable(node, shown);
    if (!known.tables.has(name.toLowerCase())) {
      throw new QuiverError(
        "sql-invalid",
        `Cannot run the query: the table ${shown}${placeOf(this.#text, node.query_location)} does not exist.` +
          `${didYouMean(name, [...known.tables])} The schema ${schema} has ${listed(known.tables)}.`,
        { table: shown, known: [...known.tables] },
      );
    }
    this.relations.add(`${schema}.${name.toLowerCase()}`);
  }

  #tableFunction(node: SyntaxNode, scope: Scope): void {
    const call = isObject(node.function) ? node.function : {};
    const name = textOf(call.function_name).toLowerCase();
    const schema = textOf(call.schema).toLowerCase();
    const isMacro =
      isOneOf(call.catalog, ["", "memory"]) && this.#names.get(schema)?.macros.has(name) === true;
    const isBuiltIn =
      isOneOf(call.schema, ["", "main"]) &&
      isOneOf(call.catalog, ["", "system"]) &&
      this.#functions.tables.has(name);
    if (!isMacro && !isBuiltIn) {
      throw this.#refused(
        { ...node, ...call },
        `it reads from the function ${qualified(call.catalog, call.schema, textOf(call.function_name))}`,
        `Allowed in FROM are the datasets' tables, their bars_asof(t), and ${listed(this.#functions.tables)}.`,
      );
    }
    if (isMacro) this.relations.add(`${schema}.${name}`);
    // The function itself has been checked, but not its arguments and the rest of the node.
    const { function: _, ...rest } = node;
    this.#children(call, scope);
    this.#children(rest, scope);
  }

  /** DESCRIBE and SUMMARIZE contain a query; SHOW ALL TABLES (and a bare DESCRIBE) a reserved table name. */
  #show(node: SyntaxNode): void {
    if (isObject(node.query)) return;
    if (node.table_name === SHOW_ALL_TABLES) {
      this.all = true;
      return;
    }
    throw this.#refused(
      node,
      "it is a SHOW of something other than the tables",
      "Allowed is SHOW ALL TABLES.",
    );
  }

  #notATable(node: SyntaxNode, shown: string): QuiverError {
    const tables = [...this.#names].flatMap(([schema, { tables: own }]) =>
      [...own].map((table) => `${schema}.${table}`),
    );
    const hint =
      tables.length === 0
        ? "There is no dataset yet."
        : `${didYouMean(shown, tables).trimStart()} Tables are named dataset.table. Known: ${listed(new Set(tables))}.`;
    return this.#refused(
      node,
      `it reads ${shown}`,
      `${hint.trimStart()} Files, URLs and DuckDB's own catalogue cannot be read.`,
    );
  }

  #unknown(node: SyntaxNode, what: string): QuiverError {
    const kind = [node.class, node.type].filter((part) => typeof part === "string").join(" ");
    return this.#refused(node, `it contains syntax that is not on the read-only list: ${what} (${kind})`, "");
  }

  #refused(node: SyntaxNode, what: string, allowed: string): QuiverError {
    const place = placeOf(this.#text, node.query_location);
    return new QuiverError("sql-refused", `Cannot run the query: ${what}${place}. ${allowed}`.trim(), {
      what,
    });
  }
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function isOneOf(value: unknown, allowed: readonly string[]): boolean {
  return allowed.includes(textOf(value).toLowerCase());
}

function qualified(catalog: unknown, schema: unknown, name: string): string {
  return [textOf(catalog), textOf(schema), name]
    .filter((part) => part !== "")
    .map((part) => (/^[a-z_][\w@-]*$/i.test(part) ? part : JSON.stringify(part)))
    .join(".");
}

/** Up to a dozen names, so that the message stays short. */
function listed(names: ReadonlySet<string>): string {
  const all = [...names].toSorted();
  const shown = all.slice(0, 12).join(", ");
  return all.length > 12 ? `${shown} and ${all.length - 12} more` : shown;
}
