import { QuiverError } from "../../../shared/errors/index.ts";
import type { PlannedOutput, PlannedSet } from "../../../shared/protocol/training-plan.ts";

type NamedSet = Pick<PlannedSet, "dataset" | "name" | "version">;

/**
 * The name of each joined column: the requested name, or else its own. If it equals that of another column or of a
 * column of the entity rows (names in SQL are case-insensitive), the set's name is put before it, and then the dataset's
 * name if needed. Names that are still equal are refused.
 */
export function nameOutputs(
  given: readonly string[],
  outputs: readonly PlannedOutput[],
  sets: readonly NamedSet[],
): string[] {
  let names = outputs.map(({ alias, column }) => alias ?? column);
  const spell = ({ set, column }: PlannedOutput) => `${spelled(sets[set]!.name)}_${column}`;
  const spellWhole = (output: PlannedOutput) => `${spelled(sets[output.set]!.dataset)}_${spell(output)}`;
  for (const longer of [spell, spellWhole]) {
    names = names.map((name, at) => {
      const output = outputs[at]!;
      return output.alias === null && isTaken([...given, ...names], name) ? longer(output) : name;
    });
  }
  const at = names.findIndex((name) => isTaken([...given, ...names], name));
  if (at >= 0) throw refusal(names, at, outputs, sets);
  return names;
}

/** A name in the spelling of column names. */
function spelled(name: string): string {
  return name.replaceAll("-", "_");
}

/** Whether a second name in the list equals this one. */
function isTaken(all: readonly string[], name: string): boolean {
  return all.filter((other) => isSame(other, name)).length > 1;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

function refusal(
  names: readonly string[],
  at: number,
  outputs: readonly PlannedOutput[],
  sets: readonly NamedSet[],
): QuiverError {
  const name = JSON.stringify(names[at]);
  const other = names.findLastIndex((one) => isSame(one, names[at]!));
  const [one, last] = [at, other].map((place) => referenceOf(outputs[place]!, sets));
  const example = `for example ${outputs[other]!.column}_2=${last}`;
  return new QuiverError(
    "request-malformed",
    other === at
      ? `Cannot name a column of the training set ${name}: the rows have one of that name. Give ${one} another name, ${example}.`
      : `Cannot name two columns of the training set ${name}: ${one} and ${last}. Give one of them another name, ${example}.`,
    { column: names[at] },
  );
}

/** The reference as a caller writes it, with its version only if another version of the set is requested too. */
function referenceOf({ set, column }: PlannedOutput, sets: readonly NamedSet[]): string {
  const { dataset, name, version } = sets[set]!;
  const isOne = sets.filter((other) => other.dataset === dataset && other.name === name).length === 1;
  return `${dataset}:${name}${isOne ? "" : `@${version}`}.${column}`;
}
