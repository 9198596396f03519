import { QuiverError } from "../../shared/errors/index.ts";
import type { CatalogEntry } from "./catalog.ts";

/** Environment variables of the server, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** Values of the variables that a function declares; refuses a missing one before anything runs. */
export function pickEnvironment(
  { name, description }: Pick<CatalogEntry, "name" | "description">,
  environment: Environment,
): Record<string, string> {
  const values: Record<string, string> = {};
  for (const variable of description.environment) {
    const value = environment[variable];
    if (value === undefined) {
      throw new QuiverError(
        "environment-missing",
        `Cannot run ${JSON.stringify(name)}: it needs the environment variable ${variable}, which is not set. ` +
          "Set it and restart Quiver.",
        { function: name, variable },
      );
    }
    values[variable] = value;
  }
  return values;
}
