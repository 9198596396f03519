import { didYouMean, QuiverError } from "../../shared/errors/index.ts";
import type { FunctionGraph } from "./graph.ts";

/** Checks that every name is a function of the graph, and returns the ids of their nodes. */
export function selectNodes({ nodes }: FunctionGraph, names: readonly string[]): string[] {
  const known = nodes.filter((node) => node.id === node.function).map((node) => node.id);
  return names.map((name) => {
    if (known.includes(name)) return name;
    throw new QuiverError(
      "unknown-function",
      `Cannot find the function ${JSON.stringify(name)}: there are ${known.join(", ")}.${didYouMean(name, known)}`,
      { function: name, known },
    );
  });
}
