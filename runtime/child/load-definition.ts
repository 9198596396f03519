import type { FeatureDefinition, TableDefinition } from "../../shared/contract/definition.ts";
import type { ParamsSchema } from "../../shared/contract/definition.ts";
import { QuiverError } from "../../shared/errors/index.ts";
import type { ChildContext } from "./child-context.ts";

/** An author's definition as loaded in a child. The shape determines which handler it has. */
export type LoadedDefinition =
  | { readonly shape: "feature"; readonly params: ParamsSchema; readonly definition: FeatureDefinition }
  | { readonly shape: "table"; readonly params: ParamsSchema; readonly definition: TableDefinition };

/** Imports an author's bundled module and checks that its default export is a definition. */
export async function loadDefinition(module: string, child: ChildContext): Promise<LoadedDefinition> {
  const loaded = await child.importAuthorModule(module);
  const candidate = loaded["default"];
  if (isLoadedDefinition(candidate)) return candidate;
  throw new QuiverError(
    "function-invalid",
    `Cannot use this function: its module's default export is ${kindOf(candidate)}, expected what ` +
      "defineFeature() or defineTable() returns. Write `export default defineFeature({ ... })`.",
  );
}

function isLoadedDefinition(value: unknown): value is LoadedDefinition {
  if (typeof value !== "object" || value === null) return false;
  if (!("shape" in value) || !("params" in value) || !("definition" in value)) return false;
  const { shape, definition } = value;
  return (
    (shape === "feature" || shape === "table") &&
    typeof definition === "object" &&
    definition !== null &&
    "handler" in definition &&
    typeof definition.handler === "function"
  );
}

function kindOf(value: unknown): string {
  if (value === undefined) return "missing";
  return value === null ? "null" : `a value of type ${typeof value}`;
}
