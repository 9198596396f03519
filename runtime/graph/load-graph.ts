import { ERROR_CODES } from "../../shared/errors/index.ts";
import type { Catalog, CatalogEntry, Listing } from "../catalog/catalog.ts";
import { buildGraph } from "./build-graph.ts";
import type { FunctionGraph } from "./graph.ts";

/** Builds the graph of a listing, and builds it again only when the code of a function has changed. */
export function createGraphLoader(resolve: Catalog["resolve"]): (found: Listing) => Promise<FunctionGraph> {
  let known: { readonly key: string; readonly graph: Promise<FunctionGraph> } | undefined;

  return (found) => {
    const key = keyOf(found);
    if (known?.key === key) return known.graph;
    const graph = buildGraph(found, resolve);
    known = { key, graph };
    const forget = () => {
      if (known?.graph === graph) known = undefined;
    };
    graph.then((built) => {
      if (mayPass(built)) forget();
    }, forget);
    return graph;
  };
}

/** Moves functions that the graph says cannot run to the broken ones. */
export function sortOut({ functions, broken }: Listing, { nodes }: FunctionGraph): Listing {
  const problems = new Map(
    nodes.flatMap(({ id, function: name, problem }) =>
      // The function is sound and only lacks a required parameter.
      id !== name || problem === null || problem.code === "parameter-invalid"
        ? []
        : [[name, problem] as const],
    ),
  );
  const toBroken = ({ name, file }: CatalogEntry) => {
    const { code, message } = problems.get(name)!;
    return { name, file, error: { code, message, facts: { function: name } } };
  };
  return {
    functions: functions.filter(({ name }) => !problems.has(name)),
    broken: [...broken, ...functions.filter(({ name }) => problems.has(name)).map(toBroken)].toSorted(
      (a, b) => (a.name < b.name ? -1 : 1),
    ),
  };
}

function keyOf({ functions, broken }: Listing): string {
  return [
    ...functions.map(({ name, codeFingerprint }) => `${name} ${codeFingerprint}`),
    ...broken.map(({ name, error }) => `${name} ! ${error.message}`),
  ].join("\n");
}

/** Whether a problem may pass without a change of code: a process could not start, or a variable is not set. */
function mayPass({ nodes }: FunctionGraph): boolean {
  return nodes.some(({ problem }) => problem !== null && ERROR_CODES[problem.code].status >= 429);
}
