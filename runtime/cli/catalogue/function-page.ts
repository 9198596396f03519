import type { DescribedFunction, MeasuredCosts } from "./described-function.ts";
import { markdownTable } from "./markdown-table.ts";

export interface PageFacts {
  readonly described: DescribedFunction;
  /** The author's comment above the definition. */
  readonly comment: string | undefined;
  /** A README beside the function, with more than its comment says. */
  readonly more: string | undefined;
  readonly cost: MeasuredCosts["functions"][string] | undefined;
  readonly measured: string | undefined;
}

/** Renders the page of one function as Markdown. */
export function functionPage({ described, comment, more, cost, measured }: PageFacts): string {
  const { name, description, source, inputs } = described;
  return [
    `# ${name}`,
    `${sentence(description)} ${ofWhatKind(described)}`,
    comment ?? "",
    more === undefined ? "" : `More in \`${more}\`.`,
    source === null ? "" : `Source: ${sentence(source)}`,
    "## Parameters",
    parameters(described),
    "## Inputs",
    markdownTable(["input", "from", "columns"], inputs.map(inputRow)),
    "## Columns",
    columns(described),
    "## Memory and cost",
    memory(described),
    cost === undefined ? "" : costText(cost, measured ?? ""),
  ]
    .filter((part) => part !== "")
    .join("\n\n");
}

/** How far back a value reaches, in a few words; the index shows it too. */
export function memoryText({ lookBack, stateLength, warmUp, partition, shape }: DescribedFunction): string {
  const warm = warmUp === 0 ? "" : `, warm after ${warmUp} bars`;
  if (lookBack !== null) return `looks back ${lookBack} ${lookBack === 1 ? "bar" : "bars"}${warm}`;
  if (stateLength > 0) return `recursive, ${stateLength} numbers of state${warm}`;
  if (partition === "date" && shape === "feature") return "one date at a time";
  return shape === "table" ? "whole history" : `whole history${warm}`;
}

function ofWhatKind({ shape, kind, partition, bars }: DescribedFunction): string {
  const unit = {
    symbol: "one symbol at a time",
    date: "all symbols of a date at a time",
    whole: "everything at once",
  };
  const what =
    kind === "label" ? "A **label**: it looks ahead, so features cannot read it" : `A ${shape} function`;
  const of = { daily: ", from daily bars", intraday: ", from intraday bars", any: "" };
  return `${what}; it works on ${unit[partition]}${of[bars]}.`;
}

function parameters({ paramsSchema, params }: DescribedFunction): string {
  const properties = Object.entries(paramsSchema.properties ?? {});
  if (properties.length === 0) return "None.";
  return markdownTable(
    ["parameter", "default", "allowed", "meaning"],
    properties.map(([name, schema]) => [
      `\`${name}\``,
      code(schema["default"] ?? params[name]),
      admitted(schema),
      textOf(schema["description"]),
    ]),
  );
}

/** Describes the type and bounds of a JSON Schema in a few words. */
function admitted(schema: Readonly<Record<string, unknown>>): string {
  const values = schema["enum"];
  if (Array.isArray(values)) return values.map((value) => code(value)).join(", ");
  const type = textOf(schema["type"]);
  if (type === "array") {
    const items = schema["items"];
    const inner = typeof items === "object" && items !== null ? admitted({ ...items }) : "";
    return `list of ${inner === "" ? "values" : inner}`;
  }
  const least = schema["minimum"] ?? schema["exclusiveMinimum"];
  const most = schema["maximum"] ?? schema["exclusiveMaximum"];
  const isUnbounded = (bound: unknown) =>
    typeof bound !== "number" || Math.abs(bound) >= Number.MAX_SAFE_INTEGER;
  const from = isUnbounded(least) ? "" : ` from ${String(least)}`;
  const to = isUnbounded(most) ? "" : ` to ${String(most)}`;
  return `${type}${from}${to}`;
}

function inputRow({ name, kind, columns: read, ...input }: DescribedFunction["inputs"][number]): string[] {
  const from = {
    dataset:
      input.dataset == null ? "the dataset" : `dataset \`${input.dataset}\`, ${input.match ?? "exact"}`,
    function: `function \`${input.function ?? ""}\``,
    broadcast: `symbol \`${input.symbol ?? ""}\` on every row`,
    attributes: `attributes \`${input.dataset ?? ""}\``,
  };
  const shown = read.length > 24 ? [...read.slice(0, 20), undefined] : read;
  const names = shown.map((column) =>
    column === undefined ? `and ${read.length - 20} more` : `\`${column.name}\``,
  );
  return [`\`${name}\``, from[kind], names.join(", ")];
}

function columns({ outputs, shape }: DescribedFunction): string {
  const isKey = (name: string) => shape === "table" && (name === "ts" || name === "symbol");
  return markdownTable(
    ["column", "type", "unit", "null"],
    outputs.map(({ name, type, unit }) => [`\`${name}\``, type, unit, isKey(name) ? "never" : "possible"]),
  );
}

function memory(described: DescribedFunction): string {
  const { lookBack, stateLength, warmUp, partition, shape } = described;
  const lines: string[] = [];
  if (lookBack !== null)
    lines.push(
      `- look-back: ${lookBack} ${lookBack === 1 ? "bar" : "bars"}; bars before these do not change any bit of a value`,
    );
  if (stateLength > 0) lines.push(`- recursive: ${stateLength} numbers per symbol resume it, bit for bit`);
  if (lookBack === null && stateLength === 0 && partition === "symbol")
    lines.push(
      shape === "table" ? "- every call reads the whole history" : "- a value may depend on any earlier bar",
    );
  if (partition === "date") lines.push("- a value depends on the other symbols of its date");
  if (warmUp > 0)
    lines.push(`- warm-up: after ${warmUp} bars the start of history changes values by less than 1e-9`);
  return lines.join("\n");
}

function costText(cost: MeasuredCosts["functions"][string], measured: string): string {
  const { bars, of, columns: count, millisecondsPerMillionRows: milliseconds } = cost;
  const each = Number((milliseconds / Math.max(1, count)).toPrecision(2));
  const what = {
    handler: "in the handler",
    run: "for a run with its process, its result and the functions that it reads",
  };
  return `Cost: ${milliseconds} ms per million ${bars} bars ${what[of]}, ${each} ns per row and column. ${measured}`;
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function code(value: unknown): string {
  return value === undefined ? "" : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
