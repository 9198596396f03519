import { type FunctionGraph, type GraphInput, type GraphNode, upstreamOf } from "./graph.ts";

/** Prints one line per function, in running order, with what it reads. */
export function graphText({ nodes }: FunctionGraph): string {
  const width = Math.max(0, ...nodes.map((node) => node.id.length));
  return nodes
    .map((node) => {
      const reads = node.inputs.map(inputText);
      const line = `${node.id.padEnd(width)}  ← ${[...new Set(reads)].join(", ") || "nothing"}${traits(node)}`;
      return `${line}${node.problem === null ? "" : `\n${" ".repeat(width + 4)}${node.problem.message}`}\n`;
    })
    .join("");
}

function inputText(input: GraphInput): string {
  if (input.from === "function") return input.node;
  const dataset = input.dataset ?? "the dataset";
  if (input.as === "rows") return dataset;
  return input.as === "attributes"
    ? `attributes of ${dataset}`
    : `${input.symbol} of ${dataset} for every symbol`;
}

/** Prints a Mermaid flow chart, to be pasted where Markdown is rendered. */
export function graphMermaid({ nodes }: FunctionGraph): string {
  const number = new Map(nodes.map((node, i) => [node.id, `n${i}`]));
  const sources = new Set(nodes.flatMap(sourcesOf));
  const sourceNumber = new Map([...sources].map((source, i) => [source, `s${i}`]));
  const boxes = nodes.map((node) => `  ${number.get(node.id)}["${quoted(`${node.id}${traits(node)}`)}"]\n`);
  // A cylinder, as flow charts draw what is stored.
  const cylinders = [...sourceNumber].map(([source, id]) => `  ${id}[("${quoted(source)}")]\n`);
  const arrows = nodes.flatMap((node) => {
    const read = [
      ...sourcesOf(node).map((source) => sourceNumber.get(source)),
      ...upstreamOf(node).map((id) => number.get(id)),
    ];
    const known = [...new Set(read)].filter((id) => id !== undefined);
    return known.map((id) => `  ${id} --> ${number.get(node.id)}\n`);
  });
  return `flowchart LR\n${boxes.join("")}${cylinders.join("")}${arrows.join("")}`;
}

/** What a node reads that is not a function. */
function sourcesOf({ inputs }: GraphNode): string[] {
  return inputs.filter(({ from }) => from === "dataset").map(inputText);
}

/** Mermaid has its own escape for a quotation mark. */
function quoted(text: string): string {
  return text.replaceAll('"', "#quot;");
}

function traits({ kind, shape, partition }: GraphNode): string {
  const words = [
    ...(kind === "label" ? ["label"] : []),
    ...(shape === "table" ? ["table"] : []),
    ...(partition === "symbol" ? [] : [`by ${partition}`]),
  ];
  return words.length === 0 ? "" : ` (${words.join(", ")})`;
}
