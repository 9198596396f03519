import { QuiverError } from "../../shared/errors/index.ts";
import { duckdb, type RawConnection } from "../engine/duckdb-bindings.ts";
import type { SqlReferences } from "./guard.ts";
import { quoteName } from "../../shared/sql-text.ts";
import { relationKey, type SqlRelation } from "./sql-catalogue.ts";

/**
 * The views and macros that exist in the database. Each is created when a query first names it, and replaced when its
 * content has a new version, so a store with thousands of versions costs a query nothing.
 */
export class SqlRelations {
  readonly #made = new Map<string, SqlRelation>();
  readonly #schemas = new Set<string>();

  /** Updates the relations that a query reads, and returns them with their versions. */
  async prepare(
    connection: RawConnection,
    relations: ReadonlyMap<string, SqlRelation>,
    references: SqlReferences,
  ): Promise<SqlRelation[]> {
    if (references.all) await this.#dropGone(connection, relations);
    const wanted = [...relations].filter(([key]) => references.all || references.relations.has(key));
    for (const [key, relation] of wanted) await this.#make(connection, key, relation);
    return wanted.filter(([key]) => references.relations.has(key)).map(([, relation]) => relation);
  }

  async #make(connection: RawConnection, key: string, relation: SqlRelation): Promise<void> {
    if (this.#made.get(key)?.version === relation.version) return;
    const sql = relation.create();
    if (sql === undefined) {
      throw new QuiverError(
        "sql-invalid",
        `Cannot run the query: version ${relation.version} of ${relation.schema}.${relation.name} has just been removed. Run the query again.`,
        { relation: key },
      );
    }
    if (!this.#schemas.has(relation.schema)) {
      await duckdb.query(connection, `CREATE SCHEMA IF NOT EXISTS ${quoteName(relation.schema)}`);
      this.#schemas.add(relation.schema);
    }
    await duckdb.query(connection, sql);
    this.#made.set(key, relation);
  }

  async #dropGone(connection: RawConnection, relations: ReadonlyMap<string, SqlRelation>): Promise<void> {
    for (const [key, { schema, name, kind }] of this.#made) {
      if (relations.has(relationKey(schema, name))) continue;
      const what = kind === "view" ? "VIEW" : "MACRO TABLE";
      await duckdb.query(connection, `DROP ${what} IF EXISTS ${quoteName(schema)}.${quoteName(name)}`);
      this.#made.delete(key);
    }
  }
}
