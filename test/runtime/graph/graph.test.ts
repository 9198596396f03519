import { afterAll, beforeAll, describe, expect, test } from "vitest";
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
) => `import { attributes, broadcast, defineFeature, float64, fromFunction } from "quiver";
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
  functions.write("reads-broken/index.ts", source(from("broken-node")));
  functions.write("reads-loop/index.ts", source(from("loop-b")));
  functions.write("reads-reads-loop/index.ts", source(`${from("reads-loop")}, ${from("node-a")}`));
  functions.write("label/index.ts", source("bars: { close: float64 }", 'kind: "label",'));
  functions.write("reads-label/index.ts", source(from("label")));
  functions.write(
    "wants-period/index.ts",
    source("bars: { close: float64 }", "params: z.object({ period: z.int() }),"),
  );
  functions.write("names-period/index.ts", source(from("wants-period", "x", ", params: { period: 3 }")));
  functions.write("names-none/index.ts", source(from("wants-period")));
  functions.write("names-other/index.ts", source(from("node-a", "x", ", params: { perod: 3 }")));
  functions.write(
    "of-all-kinds/index.ts",
    source(
      'bars: { close: float64 }, market: broadcast("SPY", { columns: { close: float64 } }), ' +
        'rate: broadcast("US3M", { dataset: "rates", columns: { close: float64 } }), facts: attributes("sectors", { size: float64 })',
    ),
  );
  graph = await functions.parts.catalog.graph();
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
    expect(node("loop-a")?.problem).toEqual({
      code: "function-cycle",
      message:
        'Cannot run "loop-a": it reads itself, loop-a → loop-c → loop-b → loop-a. Have one of them read something else.',
      upstream: null,
    });
    expect(node("loop-b")?.problem?.message).toContain("loop-b → loop-a → loop-c → loop-b");
  });

  test("has what reads a cycle after it, and tells it so", () => {
    const places = order("loop-b", "reads-loop", "reads-reads-loop");
    expect(places.every((place) => place >= 0)).toBe(true);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
    expect([node("reads-loop")?.problem, node("reads-reads-loop")?.problem]).toEqual([
      { code: "function-cycle", message: 'It reads "loop-b", which cannot be run.', upstream: "loop-b" },
      {
        code: "function-cycle",
        message: 'It reads "reads-loop", which cannot be run.',
        upstream: "reads-loop",
      },
    ]);
  });

  test("tells parameters that another does not take to the one that names them", () => {
    expect(
      [node("wants-period"), node("names-period"), node("names-none"), node("names-other")].map(
        (one) => one?.problem,
      ),
    ).toEqual([
      {
        code: "parameter-invalid",
        message: 'Missing parameter "period" of "wants-period": expected a whole number.',
        upstream: null,
      },
      null,
      {
        code: "parameter-invalid",
        message: expect.stringMatching(
          /^Cannot bind the input "wants_period" of "names-none" to the function "wants-period": /,
        ),
        upstream: null,
      },
      {
        code: "unknown-parameter",
        message: expect.stringMatching(
          /^Cannot bind the input "node_a" of "names-other" to the function "node-a": .*perod.*period/,
        ),
        upstream: null,
      },
    ]);
  });

  test("tells a column that is not given, a function that is not there, and one that cannot be used", () => {
    const problems = (...ids: string[]) => ids.map((id) => node(id)?.problem);
    expect(problems("wants-y", "wants-nobody", "broken-node", "reads-broken", "reads-label")).toEqual([
      {
        code: "input-invalid",
        message:
          'Cannot bind the input "node_a" of "wants-y" to the function "node-a": it has no output "y", only x.',
        upstream: null,
      },
      {
        code: "unknown-function",
        message:
          'Cannot bind the input "nobody" of "wants-nobody" to the function "nobody": there is no such function.',
        upstream: null,
      },
      { code: "function-invalid", message: expect.stringContaining("default export"), upstream: null },
      {
        code: "function-invalid",
        message: 'It reads "broken-node", which cannot be run.',
        upstream: "broken-node",
      },
      {
        code: "input-invalid",
        message:
          'Cannot bind the input "label" of "reads-label" to "label": it is a label, which looks ahead, and a feature must not. Declare `kind: "label"` if the function looks ahead too.',
        upstream: null,
      },
    ]);
    expect(node("nobody")).toBeUndefined();
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
    expect(graphText({ nodes: withUpstream(graph, ["of-all-kinds"]) })).toBe(
      "of-all-kinds  ← the dataset, SPY of the dataset for every symbol, US3M of rates for every symbol, attributes of sectors\n",
    );
    expect(graphText({ nodes: withUpstream(graph, ["wants-nobody"]) })).toBe(
      'wants-nobody  ← nobody\n                Cannot bind the input "nobody" of "wants-nobody" to the function "nobody": there is no such function.\n',
    );
    expect(graphMermaid({ nodes: withUpstream(graph, ["wants-nobody"]) })).toBe(
      'flowchart LR\n  n0["wants-nobody"]\n',
    );
    expect(graphMermaid({ nodes: withUpstream(graph, ["node-c"]) })).toContain(
      "node-a{#quot;period#quot;:3}",
    );
    expect(graphMermaid({ nodes: withUpstream(graph, ["node-b"]) })).toBe(
      'flowchart LR\n  n0["node-a"]\n  n1["node-b"]\n  s0[("the dataset")]\n  s0 --> n0\n  n0 --> n1\n',
    );
    expect(graphMermaid({ nodes: withUpstream(graph, ["of-all-kinds", "label"]) })).toBe(
      `flowchart LR
  n0["label (label)"]
  n1["of-all-kinds"]
  s0[("the dataset")]
  s1[("SPY of the dataset for every symbol")]
  s2[("US3M of rates for every symbol")]
  s3[("attributes of sectors")]
  s0 --> n0
  s0 --> n1
  s1 --> n1
  s2 --> n1
  s3 --> n1
`,
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
    helper: false,
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
      leavesOut: () => false,
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
      leavesOut: () => false,
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

  test("runs what reads one that failed for its name alone, and holds it back for anything else", async () => {
    const nodes = [made("a"), made("b", "a"), made("c"), made("d", "b", "c")];
    const endings = await runGraph(nodes, {
      concurrency: 4,
      leavesOut: () => false,
      sparesReaders: (error) => error instanceof RangeError,
      run: ({ id }) =>
        id === "a"
          ? Promise.reject(new RangeError("taken"))
          : id === "c"
            ? Promise.reject(new Error("no"))
            : Promise.resolve(id),
    });
    expect(endings.map(({ kind }) => kind)).toEqual(["failed", "done", "failed", "left-out"]);
    expect(endings[3]).toMatchObject({ why: 'It reads "c", which failed.' });
  });

  test("fails with what is broken, leaves out what only does not fit, and runs neither nor what reads them", async () => {
    const problem = (code: "function-cycle" | "parameter-invalid", upstream: string | null = null) => ({
      problem: { code, message: `no: ${code}`, upstream },
    });
    const nodes: GraphNode[] = [
      made("unfit"),
      made("of-unfit", "unfit"),
      { ...made("wants"), ...problem("parameter-invalid") },
      { ...made("loop-a", "loop-b"), ...problem("function-cycle") },
      { ...made("loop-b", "loop-a"), ...problem("function-cycle") },
      { ...made("of-loop", "loop-a"), ...problem("function-cycle", "loop-a") },
      made("whole"),
    ];
    const ran: string[] = [];
    const endings = await runGraph(nodes, {
      concurrency: 4,
      run: ({ id }) => {
        ran.push(id);
        return id === "unfit" ? Promise.reject(new Error("minutes only")) : Promise.resolve(id);
      },
      leavesOut: (error) => error instanceof Error && error.message === "minutes only",
    });
    const told = endings.map((ending) => [
      ending.node.id,
      ending.kind,
      ending.kind === "left-out" ? ending.why : ending.kind === "failed" ? String(ending.error) : null,
    ]);
    expect(told).toEqual([
      ["unfit", "left-out", "minutes only"],
      ["of-unfit", "left-out", 'It reads "unfit", which was left out.'],
      ["wants", "left-out", "no: parameter-invalid"],
      ["loop-a", "failed", "QuiverError: no: function-cycle"],
      ["loop-b", "failed", "QuiverError: no: function-cycle"],
      ["of-loop", "left-out", "no: function-cycle"],
      ["whole", "done", null],
    ]);
    expect(ran).toEqual(["unfit", "whole"]);
  });
});
