import { QuiverError } from "../../../shared/errors/index.ts";
import type { PlannedOutput, PlannedSet } from "../../../shared/protocol/training-plan.ts";

/**
 * A name for each column that is joined: the one asked for, else the column's own; where two of them, or one and a
 * column of the entity rows, would have the same (SQL does not tell upper from lower case), the set's name stands
 * before it. What is still the same then is refused.
 */
export function nameOutputs(
  given: readonly string[],
  outputs: readonly PlannedOutput[],
  sets: readonly Pick<PlannedSet, "dataset" | "name">[],
): string[] {
  const key = (name: string) => name.toLowerCase();
  const own = outputs.map(({ alias, column }) => alias ?? column);
  const isTaken = (name: string) =>
    given.some((other) => key(other) === key(name)) ||
    own.filter((other) => key(other) === key(name)).length > 1;
  const names = outputs.map(({ alias, column, set }) =>
    alias === null && isTaken(column)
      ? `${sets[set]!.name.replaceAll("-", "_")}_${column}`
      : (alias ?? column),
  );
  const all = [...given, ...names].map(key);
  const at = names.findIndex((name) => all.indexOf(key(name)) !== all.lastIndexOf(key(name)));
  if (at < 0) return names;
  const { set, column } = outputs[at]!;
  const { dataset, name } = sets[set]!;
  throw new QuiverError(
    "request-malformed",
    `Cannot name two columns of the training set ${JSON.stringify(names[at])}. Give one of them another name, for example ${column}_2=${dataset}:${name}.${column}.`,
    { column: names[at] },
  );
}
