import type { ResolvedColumn } from "../../shared/contract/describe.ts";
import { didYouMean, QuiverError } from "../../shared/errors/index.ts";

/** A function whose outputs another function reads. */
export interface UpstreamFunction {
  readonly name: string;
  readonly outputs: readonly ResolvedColumn[];
}

/** Refuses a column that the upstream function does not give, or gives in another type. */
export function refuseMissingOutput(
  name: string,
  input: string,
  column: ResolvedColumn,
  upstream: UpstreamFunction,
): void {
  const { outputs } = upstream;
  const known = outputs.map((output) => output.name);
  const found = outputs.find((output) => output.name === column.name);
  const subject =
    `Cannot bind the input ${JSON.stringify(input)} of ${JSON.stringify(name)} to the function ` +
    JSON.stringify(upstream.name);
  if (found === undefined) {
    throw new QuiverError(
      "input-invalid",
      `${subject}: it has no output ${JSON.stringify(column.name)}, only ${known.join(", ")}.${didYouMean(column.name, known)}`,
      { function: name, input, upstream: upstream.name, column: column.name, known },
    );
  }
  if (found.type === "utf8") {
    throw new QuiverError(
      "input-invalid",
      `${subject}: its output ${JSON.stringify(column.name)} is text, which is not handed from function to function. ` +
        "Give it as an int32 code.",
      { function: name, input, upstream: upstream.name, column: column.name },
    );
  }
  if (found.type === column.type) return;
  throw new QuiverError(
    "input-invalid",
    `${subject}: its output ${JSON.stringify(column.name)} is ${found.type}, and the input declares it as ${column.type}.`,
    {
      function: name,
      input,
      upstream: upstream.name,
      column: column.name,
      given: found.type,
      expected: column.type,
    },
  );
}
