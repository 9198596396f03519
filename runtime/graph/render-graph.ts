import { type FunctionGraph, type GraphNode, upstreamOf } from "./graph.ts";

/** One line a function, in the order they would run, with what it reads. */
export function graphText({ nodes }: FunctionGraph): string {
  const width = Math.max(0, ...nodes.map((node) => node.id.length));
  return nodes
    .map((node) => {
      const reads = node.inputs.map((input) =>
        input.from === "function" ? input.node : (input.dataset ?? "the dataset"),
      );
      const line = `${node.id.padEnd(width)}  ← ${[...new Set(reads)].join(", ") || "nothing"}${traits(node)}`;
      return `${line}${node.problem === null ? "" : `\n${" ".repeat(width + 4)}${node.problem}`}\n`;
    })
    .join("");
}

/** A Mermaid flow chart: paste it where Markdown is rendered. */
export function graphMermaid({ nodes }: FunctionGraph): string {
  const number = new Map(nodes.map((node, i) => [node.id, `n${i}`]));
  const boxes = nodes.map((node) => `  ${number.get(node.id)}["${label(node)}"]\n`);
  const arrows = nodes.flatMap((node) =>
    [...new Set(upstreamOf(node))].map((id) => `  ${number.get(id)} --> ${number.get(node.id)}\n`),
  );
  return `flowchart LR\n${boxes.join("")}${arrows.join("")}`;
}

/** Mermaid has its own way to write a quotation mark. */
function label(node: GraphNode): string {
  return `${node.id}${traits(node)}`.replaceAll('"', "#quot;");
}

function traits({ kind, shape, partition }: GraphNode): string {
  const words = [
    ...(kind === "label" ? ["label"] : []),
    ...(shape === "table" ? ["table"] : []),
    ...(partition === "symbol" ? [] : [`by ${partition}`]),
  ];
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}
