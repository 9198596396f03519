import type { FunctionDescription, ResolvedColumn, ResolvedFunction } from "./description.ts";

/** A name that is valid in files, in SQL and as a result column. */
const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;

/**
 * Describes what is wrong with a definition that passed the type checker, as the end of a sentence "it …"; undefined
 * when nothing is.
 */
export function definitionProblem(
  { shape, partition }: Pick<FunctionDescription, "shape" | "partition">,
  { inputs, outputs, lookBack, stateLength }: ResolvedFunction,
): string | undefined {
  if (inputs.length === 0)
    return "has no inputs, expected at least one: its rows decide the rows of the output";
  if (outputs.length === 0) return "has no outputs, expected at least one";
  for (const { name, columns } of inputs) {
    if (columns.length === 0)
      return `reads no columns of its input ${JSON.stringify(name)}, expected at least one`;
  }
  const misnamed = outputs.find((output) => !NAME.test(output.name));
  if (misnamed !== undefined) {
    return `has an output ${JSON.stringify(misnamed.name)}, expected a name of letters, digits and underscores`;
  }
  if (lookBack !== null && !(Number.isInteger(lookBack) && lookBack >= 0)) {
    return `has a look-back of ${lookBack}, expected a whole number of bars from 0`;
  }
  if (!(Number.isInteger(stateLength) && stateLength >= 0)) {
    return `has a state of ${stateLength} doubles, expected a whole number from 0`;
  }
  return shape === "feature" ? featureProblem(outputs) : tableProblem(partition, outputs);
}

function featureProblem(outputs: readonly ResolvedColumn[]): string | undefined {
  const key = outputs.find(({ name }) => name === "symbol" || name === "ts" || name === "known_at");
  if (key !== undefined) {
    return `has an output ${JSON.stringify(key.name)}, which every result already has. Choose another name`;
  }
  const text = outputs.find(({ type }) => type === "utf8");
  if (text === undefined) return undefined;
  return (
    `has a text output ${JSON.stringify(text.name)}; a feature's outputs are numbers, booleans and times. ` +
    "Use int32 codes, or a table function"
  );
}

function tableProblem(
  partition: FunctionDescription["partition"],
  outputs: readonly ResolvedColumn[],
): string | undefined {
  const find = (name: string) => outputs.find((output) => output.name === name);
  const [ts, symbol] = [find("ts"), find("symbol")];
  if (ts === undefined) return undefined;
  if (ts.type !== "date32" && ts.type !== "timestamp") {
    return `has an output "ts" of type ${ts.type}, expected date32 or timestamp`;
  }
  if (symbol !== undefined && symbol.type !== "utf8") {
    return `has an output "symbol" of type ${symbol.type}, expected utf8`;
  }
  if (partition !== "symbol" && symbol === undefined) {
    return (
      `has an output "ts" but no output "symbol": a unit with several symbols needs both keys. ` +
      'Add `symbol: utf8`, or rename "ts"'
    );
  }
  return outputs.some(({ name }) => name !== "ts" && name !== "symbol")
    ? undefined
    : "has only key columns as outputs, expected at least one more";
}
