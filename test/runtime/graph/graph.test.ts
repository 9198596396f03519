import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { buildGraph } from "../../../runtime/graph/build-graph.ts";
import { type FunctionGraph, type GraphNode, withUpstream } from "../../../runtime/graph/graph.ts";
import { graphMermaid, graphText } from "../../../runtime/graph/render-graph.ts";
import { runGraph } from "../../../runtime/graph/run-graph.ts";
import { type OpenedFunctions, openFunctions } from "../../support/open-functions.ts";

let functions: OpenedFunctions;
let graph: FunctionGraph;

/** A function over others, each input one column of one of them. */
const source = (
  inputs: string,
  period = "",
) => `import { defineFeature, float64, fromDataset, fromFunction } from "quiver";
import { z } from "zod";
export default defineFeature({
  description: "a node",
  ${period}
  inputs: { ${inputs} },
  outputs: { x: float64 },
  handler(_, out) { out.x.fill(1); },
});`;
const from = (name: string, column = "x", params = "") =>
  `${name.replaceAll("-", "_")}: fromFunction("${name}", { columns: { ${column}: float64 }${params} })`;
const PERIOD = "params: z.object({ period: z.int().default(14) }),";

beforeAll(async () => {
  functions = await openFunctions();
  functions.write("node-a/index.ts", source("bars: { close: float64 }", PERIOD));
  functions.write("node-b/index.ts", source(from("node-a", "x", ", params: { period: 14 }")));
  functions.write(
    "node-c/index.ts",
    source(`${from("node-a", "x", ", params: { period: 3 }")}, ${from("node-b")}`),
  );
  functions.write("loop-a/index.ts", source(from("loop-c")));
  functions.write("loop-b/index.ts", source(from("loop-a")));
  functions.write("loop-c/index.ts", source(from("loop-b")));
  functions.write("wants-y/index.ts", source(from("node-a", "y")));
  functions.write("wants-nobody/index.ts", source(from("nobody")));
  functions.write("broken-node/index.ts", "export default 1;");
  graph = await buildGraph(functions.parts.catalog);
});
afterAll(() => functions.close());

const node = (id: string) => graph.nodes.find((candidate) => candidate.id === id);
const order = (...ids: string[]) => ids.map((id) => graph.nodes.findIndex((one) => one.id === id));

describe("buildGraph()", () => {
  test("puts every function after those it reads", () => {
    const places = order("node-a", "node-b", "node-c");
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  });

  test("knows a function with its defaults written out for the function itself, and others apart", () => {
    expect(node("node-b")?.inputs).toEqual([{ input: "node_a", from: "function", node: "node-a" }]);
    expect(node("node-c")?.inputs.map((input) => input.from === "function" && input.node)).toEqual([
      'node-a{"period":3}',
      "node-b",
    ]);
    expect(node('node-a{"period":3}')?.params).toEqual({ period: 3 });
  });

  test("tells a cycle to each function on it", () => {
    expect(node("loop-a")?.problem).toBe(
      'Cannot run "loop-a": it reads itself, loop-a → loop-c → loop-b → loop-a. Have one of them read something else.',
    );
    expect(node("loop-b")?.problem).toContain("loop-b → loop-a → loop-c → loop-b");
  });

  test("tells a column that is not given, a function that is not there, and one that cannot be used", () => {
    expect(node("wants-y")?.problem).toBe(
      'Cannot bind the input "node_a" of "wants-y" to the function "node-a": it has no output "y", but x.',
    );
    expect(node("nobody")?.problem).toBe('There is no function "nobody".');
    expect(node("broken-node")?.problem).toContain("default export");
  });
});

describe("withUpstream()", () => {
  test("takes what is named and what that reads, in order", () => {
    expect(withUpstream(graph, ["node-c"]).map(({ id }) => id)).toEqual(
      ["node-a", "node-b", 'node-a{"period":3}', "node-c"].toSorted((a, b) => order(a)[0]! - order(b)[0]!),
    );
  });
});

describe("graphText() and graphMermaid()", () => {
  test("show what reads what", () => {
    const part = { nodes: withUpstream(graph, ["node-b", "loop-a"]) };
    expect(graphText(part)).toContain("node-b  ← node-a\n");
    expect(graphText(part)).toContain("it reads itself");
    expect(graphMermaid({ nodes: withUpstream(graph, ["node-c"]) })).toContain(
      "node-a{#quot;period#quot;:3}",
    );
    expect(graphMermaid({ nodes: withUpstream(graph, ["node-b"]) })).toBe(
      'flowchart LR\n  n0["node-a"]\n  n1["node-b"]\n  n0 --> n1\n',
    );
  });
});

describe("runGraph()", () => {
  const made = (id: string, ...reads: string[]): GraphNode => ({
    id,
    function: id,
    params: {},
    shape: "feature",
    kind: "feature",
    partition: "symbol",
    publishable: true,
    inputs: reads.map((name) => ({ input: name, from: "function", node: name })),
    problem: null,
  });

  test("runs a node when what it reads has ended, others beside it, and no more than may be at once", async () => {
    const nodes = [made("a"), made("b"), made("c", "a"), made("d"), made("e", "c", "d")];
    const log: string[] = [];
    let running = 0;
    let most = 0;
    await runGraph(nodes, {
      concurrency: 2,
      run: async ({ id }) => {
        most = Math.max(most, ++running);
        log.push(`begin ${id}`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        log.push(`end ${id}`);
        running--;
      },
    });
    expect(most).toBe(2);
    expect(log.indexOf("begin c")).toBeGreaterThan(log.indexOf("end a"));
    expect(log.indexOf("begin e")).toBeGreaterThan(Math.max(log.indexOf("end c"), log.indexOf("end d")));
  });

  test("leaves out what reads one that failed, and nothing else", async () => {
    const nodes = [made("a"), made("b", "a"), made("c", "b"), made("d")];
    const endings = await runGraph(nodes, {
      concurrency: 4,
      run: ({ id }) => (id === "a" ? Promise.reject(new Error("no")) : Promise.resolve(id)),
    });
    expect(endings.map(({ kind }) => kind)).toEqual(["failed", "left-out", "left-out", "done"]);
    expect(endings.map((ending) => (ending.kind === "left-out" ? ending.why : null))).toEqual([
      null,
      'It reads "a", which failed.',
      'It reads "b", which was left out.',
      null,
    ]);
  });
});
